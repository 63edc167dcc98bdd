import CEpoll
import Glibc
import UnitProtocol

/// A cable's work, done by its one thread: connections that are taken, made, carried and cut.
final class Relay {
    private var listener: Int32
    private let wake: Int32
    private let near: (address: IPv4Address, port: Int)
    private let far: (address: IPv4Address, port: Int)
    private let tell: (String) -> Void
    /// Is told of each connection that is taken how many the near end holds with it.
    private let count: (Int) -> Void
    private var wires: [Wire] = []
    private var mode = Cable.Mode.restored
    private var farHasPower = true
    private var number = 0

    private static let mostWires = 256

    init(
        listener: Int32, wake: Int32, near: (address: IPv4Address, port: Int), far: (address: IPv4Address, port: Int),
        tell: @escaping (String) -> Void, count: @escaping (Int) -> Void
    ) {
        self.listener = listener
        self.wake = wake
        self.near = near
        self.far = far
        self.tell = tell
        self.count = count
    }

    private var isDeaf: Bool { mode == .cut || !farHasPower }

    /// Waits for something to do and does it.
    ///
    /// - Parameter limit: In milliseconds.
    func turn(limit: Int32) {
        var polls = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        polls.append(pollfd(fd: wires.count < Self.mostWires ? listener : -1, events: Int16(POLLIN), revents: 0))
        for wire in wires { polls += mode == .cut ? Wire.noPolls : wire.polls }
        guard poll(&polls, nfds_t(polls.count), limit) > 0 else { return }
        if polls[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(wake, &count, 8)
        }
        for (index, wire) in wires.enumerated() where mode != .cut {
            wire.carry(near: polls[2 + 2 * index].revents, far: polls[3 + 2 * index].revents)
            if let end = wire.ended { tell("connection \(wire.number): \(end)") }
        }
        wires.removeAll { $0.ended != nil }
        if polls[1].revents != 0 { accept() }
    }

    private func accept() {
        let handle = cepoll_accept(listener)
        guard handle >= 0 else { return }
        number += 1
        let wire = Wire(number: number, near: handle, to: far)
        // Looked at now, and not as it was last read: who ends one connection and makes another has never held two.
        let held = wires.count { $0.isHeld } + 1
        count(held)
        tell("connection \(number): taken, and made to \(far.address):\(far.port); the near end holds \(held)")
        // One that was made just before the cable was cut.
        if isDeaf { wire.setDeaf(true) }
        wires.append(wire)
    }

    /// - Throws: ``HILError/infrastructure(_:)``; it is then as it was.
    func set(_ mode: Cable.Mode) throws {
        if listener < 0, mode != .refused { listener = try Cable.listen(near.address, near.port).handle }
        tell(mode.rawValue)
        self.mode = mode == .reset ? .restored : mode
        switch mode {
        case .cut: break
        case .halfOpen: for wire in wires { wire.forget() }
        case .restored: if farHasPower { for wire in wires { wire.answerWithReset() } }
        case .refused, .reset:
            for wire in wires { wire.cutOff("reset") }
            wires = []
        }
        if mode == .refused, listener >= 0 {
            close(listener)
            listener = -1
        }
        hush()
    }

    /// A board without power says nothing, not even that its connections are over.
    func farEnd(hasPower: Bool) {
        farHasPower = hasPower
        if !hasPower {
            for wire in wires { wire.forget() }
        } else {
            for wire in wires { wire.answerWithReset() }
        }
        hush()
    }

    private func hush() {
        if listener >= 0 { _ = cepoll_set_deaf(listener, isDeaf ? 1 : 0) }
        for wire in wires { wire.setDeaf(isDeaf) }
    }

    func end() {
        if listener >= 0 { close(listener) }
        for wire in wires { wire.cutOff("end") }
        wires = []
    }
}
