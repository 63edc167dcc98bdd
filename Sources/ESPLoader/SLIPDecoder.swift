/// Cuts what a serial line brings into frames and the text between them.
///
/// A malformed frame never affects the next one, a lost delimiter costs one frame, and where the input is cut into
/// pieces makes no difference to the frames. Memory is bounded by `maximumContentBytes`.
public struct SLIPDecoder: Sendable {
    /// The longest content that is accepted (bytes, unescaped).
    public let maximumContentBytes: Int
    private var state = State.outside
    private var content: [UInt8] = []

    private enum State {
        case outside
        case inside
        case escaped
        /// The rest of a frame that is already known to be malformed.
        case skipping
    }

    /// - Parameter maximumContentBytes: By default the largest frame of any loader (a 16 KiB block, its header) and more.
    public init(maximumContentBytes: Int = 0x8000) {
        self.maximumContentBytes = max(1, maximumContentBytes)
    }

    /// Forgets a frame that has begun; what follows is text until the next delimiter.
    public mutating func reset() {
        state = .outside
        content.removeAll(keepingCapacity: true)
    }

    /// What `bytes` complete, in order. Text is passed on at once, so its pieces follow those of the input.
    public mutating func decode(_ bytes: some Sequence<UInt8>) -> [SLIPEvent] {
        var events: [SLIPEvent] = []
        var text: [UInt8] = []
        for byte in bytes {
            if state == .outside, byte != SLIP.delimiter {
                text.append(byte)
                continue
            }
            if !text.isEmpty {
                events.append(.text(text))
                text.removeAll(keepingCapacity: true)
            }
            if let event = step(byte) { events.append(event) }
        }
        if !text.isEmpty { events.append(.text(text)) }
        return events
    }

    private mutating func step(_ byte: UInt8) -> SLIPEvent? {
        switch (state, byte) {
        case (.outside, _):
            state = .inside
        case (.inside, SLIP.delimiter):
            // Two delimiters with nothing between them: the first one ended a frame whose start was lost.
            if !content.isEmpty { return finish() }
        case (.inside, SLIP.escape):
            state = .escaped
        case (.inside, _):
            return append(byte)
        case (.escaped, SLIP.escapedDelimiter):
            state = .inside
            return append(SLIP.delimiter)
        case (.escaped, SLIP.escapedEscape):
            state = .inside
            return append(SLIP.escape)
        case (.escaped, _):
            content.removeAll(keepingCapacity: true)
            state = byte == SLIP.delimiter ? .inside : .skipping
            return .malformed(.badEscape(byte))
        case (.skipping, SLIP.delimiter):
            state = .outside
        case (.skipping, _):
            break
        }
        return nil
    }

    private mutating func append(_ byte: UInt8) -> SLIPEvent? {
        guard content.count < maximumContentBytes else {
            content.removeAll(keepingCapacity: true)
            state = .skipping
            return .malformed(.tooLong(limit: maximumContentBytes))
        }
        content.append(byte)
        return nil
    }

    private mutating func finish() -> SLIPEvent {
        defer { reset() }
        return .frame(content)
    }
}
