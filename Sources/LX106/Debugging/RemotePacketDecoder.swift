/// Finds the packets in what a debugger sends, whatever else is among it.
public struct RemotePacketDecoder: Sendable {
    public enum Event: Sendable, Equatable {
        case packet(RemotePacket)
        /// `+`: the other side has got the last packet.
        case acknowledged
        /// `-`: it wants the last packet again.
        case refused
        /// Ctrl-C outside of packets: it wants the CPU to halt.
        case interrupt
        case malformed(Reason)
    }

    /// What is wrong with bytes that were thrown away; what follows them is read all the same.
    public enum Reason: Sendable, Equatable {
        /// Bytes outside of packets that mean nothing there; said once for a row of them.
        case garbage
        case checksum
        /// More than ``RemotePacket/longestContent``.
        case tooLong
        /// A packet began within another one.
        case unfinished
    }

    private enum State {
        case outside(isGarbageSaid: Bool)
        case inside(isEscaped: Bool)
        case tooLong
        /// - Parameter first: The first digit, once it is there.
        case checksum(first: UInt8?, isTooLong: Bool)
    }
    private var state = State.outside(isGarbageSaid: false)
    /// Of the packet that is being read.
    private var content: [UInt8] = []
    private var sum: UInt8 = 0

    public init() {}

    public mutating func decode(_ bytes: some Sequence<UInt8>) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            if let event = decode(byte) { events.append(event) }
        }
        return events
    }

    private mutating func decode(_ byte: UInt8) -> Event? {
        if byte == RemotePacket.begin { return begin() }
        switch state {
        case .outside(let isGarbageSaid):
            return outside(byte, isGarbageSaid)
        case .inside where byte == RemotePacket.end:
            state = .checksum(first: nil, isTooLong: false)
        case .inside(let isEscaped):
            inside(byte, isEscaped)
        case .tooLong:
            if byte == RemotePacket.end { state = .checksum(first: nil, isTooLong: true) }
        case .checksum(nil, let isTooLong):
            state = .checksum(first: byte, isTooLong: isTooLong)
        case .checksum(let first?, let isTooLong):
            state = .outside(isGarbageSaid: false)
            guard !isTooLong else { return .malformed(.tooLong) }
            guard HexText.number([first, byte]) == UInt32(sum) else { return .malformed(.checksum) }
            return .packet(RemotePacket(content: content))
        }
        return nil
    }

    private mutating func begin() -> Event? {
        let before = state
        state = .inside(isEscaped: false)
        (content, sum) = ([], 0)
        if case .outside = before { return nil }
        return .malformed(.unfinished)
    }

    private mutating func inside(_ byte: UInt8, _ isEscaped: Bool) {
        sum &+= byte
        state = .inside(isEscaped: !isEscaped && byte == RemotePacket.escape)
        guard isEscaped || byte != RemotePacket.escape else { return }
        guard content.count < RemotePacket.longestContent else {
            state = .tooLong
            return
        }
        content.append(isEscaped ? byte ^ RemotePacket.escapeMask : byte)
    }

    private mutating func outside(_ byte: UInt8, _ isGarbageSaid: Bool) -> Event? {
        let event: Event? =
            switch byte {
            case UInt8(ascii: "+"): .acknowledged
            case UInt8(ascii: "-"): .refused
            case 0x03: .interrupt
            default: nil
            }
        state = .outside(isGarbageSaid: event == nil)
        return event ?? (isGarbageSaid ? nil : .malformed(.garbage))
    }
}
