import NIOCore
import NIOPosix

/// A board whose chip is joined to one port: gives time and bytes to the chip and carries out what it wants.
///
/// Everything happens on one event loop.
final class Board: @unchecked Sendable {
    /// What the port does with the chip's bytes.
    protocol Port: AnyObject {
        /// The speed at which the host listens and talks (bits a second).
        var baud: Int { get }
        func send(_ bytes: [UInt8])
    }

    let name: String
    private let loop: any EventLoop
    private var chip: Chip
    private let start = NIODeadline.now()
    private var wake: Scheduled<Void>?
    private unowned(unsafe) var port: any Port
    private let onStart: @Sendable (_ hasImage: Bool) -> Void

    init(
        name: String, chip: Chip, port: any Port, loop: any EventLoop,
        onStart: @escaping @Sendable (_ hasImage: Bool) -> Void
    ) {
        self.name = name
        self.chip = chip
        self.port = port
        self.loop = loop
        self.onStart = onStart
    }

    private var now: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }

    /// Power comes on.
    func powerOn() {
        loop.assertInEventLoop()
        perform(chip.release(gpio0: true, isPowerOn: true, at: now))
    }

    func receive(_ bytes: [UInt8]) {
        loop.assertInEventLoop()
        perform(chip.receive(bytes, baud: port.baud, at: now))
    }

    private func perform(_ actions: [Chip.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes, let baud):
                port.send(Self.heard(bytes, sentAt: baud, heardAt: port.baud))
            case .wake(let time):
                wake?.cancel()
                let delay = TimeAmount.nanoseconds(max(0, (time - now).nanoseconds))
                wake = loop.scheduleTask(in: delay) { [weak self] in
                    guard let self else { return }
                    perform(chip.tick(at: now))
                }
            case .started(let hasImage):
                onStart(hasImage)
            }
        }
    }

    /// What a host makes of bytes that come at another speed than its own: garbage.
    private static func heard(_ bytes: [UInt8], sentAt baud: Int, heardAt hostBaud: Int) -> [UInt8] {
        guard abs(baud - hostBaud) * 100 > 4 * baud else { return bytes }
        return bytes.map { ($0 &* 0x1D) ^ 0xA5 | 0x80 }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
