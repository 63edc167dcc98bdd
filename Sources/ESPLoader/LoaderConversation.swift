/// One command at a time and its answer, over a line that may bring anything.
///
/// Answers to earlier commands, echoes and what the chip prints never count as the answer.
public struct LoaderConversation: Sendable {
    /// What came of the bytes.
    public enum Event: Sendable, Equatable {
        /// The answer to the pending command.
        case answer(LoaderResponse)
        /// A frame that answers nothing: a stub's greeting, a packet of flash contents, a late answer.
        case frame([UInt8])
        /// What the chip prints.
        case text([UInt8])
        case malformed(MalformedFrame)
    }

    /// The time at which the pending command counts as unanswered; nil while none is pending.
    public private(set) var deadline: Duration?
    private var pending: UInt8?
    /// The pending request's.
    private var checksum: UInt32 = 0
    private var decoder = SLIPDecoder()

    public init() {}

    /// The bytes that carry `command`, whose answer is expected within `limit`.
    public mutating func ask(_ command: LoaderCommand, within limit: Duration, at now: Duration) -> [UInt8] {
        let request = command.request
        pending = request.opcode
        checksum = request.checksum
        deadline = now + limit
        return SLIP.encode(request.content)
    }

    /// Forgets the pending command and what has come of its answer.
    public mutating func abandon() {
        pending = nil
        deadline = nil
        decoder.reset()
    }

    public mutating func receive(_ bytes: some Sequence<UInt8>) -> [Event] {
        decoder.decode(bytes).map { event in
            switch event {
            case .text(let bytes): .text(bytes)
            case .malformed(let reason): .malformed(reason)
            case .frame(let content): judge(content)
            }
        }
    }

    /// Whether the pending command counts as unanswered now; it is abandoned then.
    public mutating func expires(at now: Duration) -> Bool {
        guard let deadline, now >= deadline else { return false }
        abandon()
        return true
    }

    private mutating func judge(_ content: [UInt8]) -> Event {
        guard let response = try? LoaderResponse(content: content), response.opcode == pending else {
            return .frame(content)
        }
        // A damaged answer is none, nor is one to another request.
        if Opcode(rawValue: response.opcode)?.isChecked == true, !response.isIntact(after: checksum) {
            return .frame(content)
        }
        pending = nil
        deadline = nil
        return .answer(response)
    }
}
