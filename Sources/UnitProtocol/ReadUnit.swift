/// The firmware of a sensor: sends its reading as a decimal and LF, at once and then again after each period.
///
/// What a client sends is never read; it only fills the receive window.
public struct ReadUnit: UnitFirmware {
    private enum Step: Sendable {
        case looping
        case sampling
        /// Inside `write`: the bytes that the send buffer has no room for.
        case writing(rest: ArraySlice<UInt8>)
    }

    private var loop: UnitLoop
    private var step = Step.looping
    private var unsent = 0
    private let period: Duration

    /// - Parameter period: The sketch's delay after each write; the original's is 1 s.
    public init(profile: FirmwareProfile, station: WiFiStation, period: Duration = .seconds(1)) {
        loop = UnitLoop(profile: profile, station: station)
        self.period = period
    }

    public var receiveRoom: Int { loop.receiveRoom }

    public mutating func on(_ input: UnitInput, at now: Duration) -> [UnitAction] {
        if input == .wake, !loop.wakes(at: now) { return [] }
        var actions: [UnitAction] = []
        if input == .accepted { startConnection() }
        loop.on(input, at: now, &actions)
        if loop.phase == .serving {
            serve(input, at: now, &actions)
        }
        return actions
    }

    private mutating func startConnection() {
        unsent = 0
        step = .looping
    }

    private mutating func serve(_ input: UnitInput, at now: Duration, _ actions: inout [UnitAction]) {
        switch (step, input) {
        case (.looping, .wake):
            if loop.isConnected {
                step = .sampling
                actions.append(.sample)
            } else {
                loop.finish(&actions)
            }
        case (.sampling, .sampled(let value)):
            actions.append(.console("\(value)"))
            step = .writing(rest: Array("\(value)\n".utf8)[...])
            write(at: now, &actions)
            if case .writing = step {
                loop.wake(at: now + loop.profile.writeTimeout, &actions)
            }
        case (.writing, .sent(let count)):
            unsent = max(0, unsent - count)
            write(at: now, &actions)
        case (_, .sent(let count)):
            unsent = max(0, unsent - count)
        case (.writing, .wake), (.writing, .reset):
            delay(at: now, &actions)
        default:
            break
        }
    }

    /// Hands over what the send buffer has room for.
    private mutating func write(at now: Duration, _ actions: inout [UnitAction]) {
        guard case .writing(let rest) = step else { return }
        let part = rest.prefix(max(0, loop.profile.sendBufferBytes - unsent))
        if !part.isEmpty {
            unsent += part.count
            actions.append(.send(Array(part)))
        }
        step = .writing(rest: rest.dropFirst(part.count))
        if part.count == rest.count {
            delay(at: now, &actions)
        }
    }

    private mutating func delay(at now: Duration, _ actions: inout [UnitAction]) {
        step = .looping
        loop.wake(at: now + period, &actions)
    }
}
