/// The firmware of a lamp: reads commands that end with CR and shows the colour that they name.
///
/// A command that does not parse leaves the colour as it is and shows it again. Nothing is ever sent.
public struct UpdatableUnit: UnitFirmware {
    private enum Step: Sendable {
        /// In the serve loop, between two commands.
        case waiting
        /// Inside `readStringUntil`: the bytes of the command so far.
        case reading
    }

    private var loop: UnitLoop
    private var step = Step.waiting
    private var line: [UInt8] = []
    /// What the pixels show.
    public private(set) var color = Color.black

    public init(profile: FirmwareProfile, station: WiFiStation) {
        loop = UnitLoop(profile: profile, station: station)
    }

    public var receiveRoom: Int { loop.receiveRoom }

    public mutating func on(_ input: UnitInput, at now: Duration) -> [UnitAction] {
        if input == .wake, !loop.wakes(at: now) { return [] }
        var actions: [UnitAction] = []
        loop.on(input, at: now, &actions)
        if loop.phase == .serving {
            serve(input, at: now, &actions)
        }
        return actions
    }

    private mutating func serve(_ input: UnitInput, at now: Duration, _ actions: inout [UnitAction]) {
        switch (step, input) {
        case (.waiting, .wake):
            pass(at: now, &actions)
        case (.waiting, .received), (.waiting, .peerClosed), (.waiting, .reset):
            wakeForPass(at: now, &actions)
        case (.reading, .received):
            read(at: now, &actions)
        case (.reading, .wake):
            apply(at: now, &actions)
        default:
            break
        }
    }

    /// One pass of the serve loop.
    private mutating func pass(at now: Duration, _ actions: inout [UnitAction]) {
        guard loop.isConnected else {
            loop.finish(&actions)
            return
        }
        if loop.client.unreadCount > 0 {
            step = .reading
            read(at: now, &actions)
        }
    }

    private mutating func read(at now: Duration, _ actions: inout [UnitAction]) {
        let room = loop.profile.lineHeapBytes - line.count
        let isComplete = loop.read { line.append(contentsOf: $0.prefix(room)) }
        if isComplete {
            apply(at: now, &actions)
        } else {
            loop.wake(at: now + loop.profile.streamTimeout, &actions)
        }
    }

    private mutating func apply(at now: Duration, _ actions: inout [UnitAction]) {
        actions.append(.console(String(decoding: line, as: UTF8.self)))
        color = HTMLColor.parse(line) ?? color
        actions.append(.show(color))
        line = []
        step = .waiting
        wakeForPass(at: now, &actions)
    }

    private mutating func wakeForPass(at now: Duration, _ actions: inout [UnitAction]) {
        if loop.wakesAt.map({ $0 > now + FirmwareProfile.loopPass }) ?? true {
            loop.wake(at: now + FirmwareProfile.loopPass, &actions)
        }
    }
}
