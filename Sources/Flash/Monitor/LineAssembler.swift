/// Makes lines of text from what a board says, in pieces of any size.
///
/// Text is UTF-8. Bytes that are none, and characters that would do something to a terminal instead of showing (controls but
/// the tab, escape sequences, marks that turn the direction of writing), come out as `\x1B`. A line ends at LF, at CR, or at
/// CR and LF; more carriage returns than one before a line feed count as one. A line longer than ``limit`` is cut.
struct LineAssembler {
    enum Event: Equatable {
        /// More of the line that has begun; never empty.
        case text(String)
        /// The line has ended; all of its text again.
        case lineEnd(String)
    }

    /// The longest line, in bytes of what is shown.
    static let limit = 4096

    private var line = ""
    /// How much of `line` has been handed out as text.
    private var fresh = ""
    private var decoder = UTF8Pieces()
    private var followsReturn = false

    /// Whether a line has begun that has not ended.
    var isOpen: Bool { !line.isEmpty || !fresh.isEmpty }

    mutating func take(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes { take(byte, &events) }
        flush(&events)
        return events
    }

    /// No more bytes come: what is left of a character shows, and an open line ends.
    mutating func finish() -> [Event] {
        var events: [Event] = []
        append(decoder.finish(), &events)
        if isOpen { end(&events) }
        followsReturn = false
        return events
    }

    private mutating func take(_ byte: UInt8, _ events: inout [Event]) {
        guard byte == 0x0A || byte == 0x0D else {
            followsReturn = false
            append(decoder.take(byte), &events)
            return
        }
        append(decoder.finish(), &events)
        if !followsReturn { end(&events) }
        followsReturn = byte == 0x0D
    }

    private mutating func append(_ text: String, _ events: inout [Event]) {
        guard !text.isEmpty else { return }
        fresh += text
        if line.utf8.count + fresh.utf8.count >= Self.limit { end(&events) }
    }

    private mutating func end(_ events: inout [Event]) {
        flush(&events)
        events.append(.lineEnd(line))
        line = ""
    }

    private mutating func flush(_ events: inout [Event]) {
        guard !fresh.isEmpty else { return }
        events.append(.text(fresh))
        line += fresh
        fresh = ""
    }
}
