import ESPLoader
import NIOCore

/// A board whose chip is joined to one port: gives time and bytes to the chip and carries out what it wants.
///
/// Everything happens on one event loop.
final class Board {
    private let loop: any EventLoop
    private var chip: Chip
    private let started = NIODeadline.now()
    private var wake: Scheduled<Void>?
    private weak var port: (any BoardPort)?
    private let onStart: (_ hasImage: Bool) -> Void

    /// - Parameter onStart: Called each time the chip runs what is in its flash.
    init(chip: Chip, loop: any EventLoop, onStart: @escaping (_ hasImage: Bool) -> Void) {
        self.chip = chip
        self.loop = loop
        self.onStart = onStart
    }

    private var now: Duration { .nanoseconds((NIODeadline.now() - started).nanoseconds) }

    /// Power comes on.
    func powerOn(port: any BoardPort) {
        loop.assertInEventLoop()
        self.port = port
        perform(chip.release(gpio0: true, isPowerOn: true, at: now))
    }

    func receive(_ bytes: [UInt8]) {
        loop.assertInEventLoop()
        guard let port else { return }
        perform(chip.receive(bytes, baud: port.baud, at: now))
    }

    private func perform(_ actions: [Chip.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes, let baud):
                guard let port else { continue }
                port.send(Self.heard(bytes, sentAt: baud, heardAt: port.baud))
            case .wake(let time):
                schedule(time)
            case .started(let hasImage):
                onStart(hasImage)
            }
        }
    }

    private func schedule(_ time: Duration) {
        wake?.cancel()
        let delay = TimeAmount(max(.zero, time - now))
        wake = loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            perform(chip.tick(at: now))
        }
    }

    /// What a host makes of bytes that come at another speed than its own: garbage.
    private static func heard(_ bytes: [UInt8], sentAt baud: Int, heardAt hostBaud: Int) -> [UInt8] {
        guard abs(baud - hostBaud) * 100 > Chip.baudTolerance * baud else { return bytes }
        return bytes.map { ($0 &* 0x1D) ^ 0xA5 | 0x80 }
    }
}
