/// What of a board's bytes is shown, how, and what goes into the log. Pure but for the report it asks.
struct MonitorView {
    struct Output: Equatable {
        var screen: [UInt8] = []
        /// Each line whole.
        var log = ""
        /// What the monitor has to say of itself.
        var notices: [String] = []
    }

    var showsTimestamps: Bool
    var showsHex: Bool {
        didSet { if showsHex != oldValue { rows = HexDump() } }
    }
    private let isRaw: Bool
    /// Whether a line shows before it has ended: on a terminal, where nothing is filtered.
    private let showsOpenLines: Bool
    private var filter: MonitorFilter
    private let report: CrashReport?

    private var lines = LineAssembler()
    private var rows = HexDump()
    /// Whether the screen's cursor is at the left.
    private var isAtLeft = true
    /// When the line that is open has begun.
    private var lineBegan: String?

    /// What stands before the lines that are not the board's.
    static let mark = "--- "

    init(
        filter: MonitorFilter, report: CrashReport?, isTerminal: Bool, isRaw: Bool = false,
        showsTimestamps: Bool = false,
        showsHex: Bool = false
    ) {
        self.filter = filter
        self.report = report
        self.isRaw = isRaw
        self.showsTimestamps = showsTimestamps
        self.showsHex = showsHex
        showsOpenLines = isTerminal && filter.isEmpty
    }

    /// - Parameter time: The time of day, as it is to be shown.
    mutating func receive(_ bytes: [UInt8], at time: String) -> Output {
        var output = Output()
        if showsHex {
            for row in rows.take(bytes) { add(row, at: time, &output) }
            return output
        }
        if isRaw {
            output.screen += bytes
            if let last = bytes.last { isAtLeft = last == 0x0A }
        }
        for event in lines.take(bytes) { show(event, at: time, &output) }
        return output
    }

    /// Nothing has come for a while: bytes that wait for their row show.
    mutating func rest(at time: String) -> Output {
        var output = Output()
        for row in rows.finish() { add(row, at: time, &output) }
        return output
    }

    /// Nothing comes any more.
    mutating func finish(at time: String) -> Output {
        var output = rest(at: time)
        for event in lines.finish() { show(event, at: time, &output) }
        for line in report?.finish() ?? [] { say(line, &output) }
        return output
    }

    /// What the report has looked up meanwhile.
    mutating func explain() -> Output {
        var output = Output()
        for line in report?.ready() ?? [] { say(line, &output) }
        return output
    }

    /// A line of the monitor's own, for the screen alone.
    mutating func notice(_ text: String) -> [UInt8] {
        defer { isAtLeft = true }
        return Array(((isAtLeft ? "" : "\n") + Self.mark + text + "\n").utf8)
    }

    /// Asks the user, and shows what was typed so far, in the place of what stood there.
    mutating func question(_ text: String, isFirst: Bool = false) -> [UInt8] {
        defer { isAtLeft = false }
        return Array(((isFirst ? isAtLeft ? "" : "\n" : "\r\u{1B}[K") + Self.mark + text).utf8)
    }

    /// Leaves the cursor at the left, for the shell's prompt.
    mutating func leave() -> [UInt8] {
        defer { isAtLeft = true }
        return isAtLeft ? [] : [0x0A]
    }

    /// Echoes what goes to the board.
    mutating func echo(_ text: String, endsLine: Bool) -> [UInt8] {
        guard endsLine || !text.isEmpty else { return [] }
        isAtLeft = endsLine
        return Array((text + (endsLine ? "\n" : "")).utf8)
    }

    private mutating func show(_ event: LineAssembler.Event, at time: String, _ output: inout Output) {
        let began = lineBegan ?? time
        switch event {
        case .text(let text):
            if showsOpenLines, !isRaw {
                write((lineBegan == nil ? stamp(began) : "") + text, &output)
            }
            lineBegan = began
        case .lineEnd(let line):
            if !isRaw {
                if showsOpenLines {
                    write((lineBegan == nil ? stamp(began) : "") + "\n", &output)
                } else {
                    let verdict = filter.take(line)
                    if verdict.isShown { write(stamp(began) + line + "\n", &output) }
                    output.notices += verdict.givenUp.map(Self.givenUp)
                }
            }
            lineBegan = nil
            output.log += stamp(began) + line + "\n"
            for text in report?.take(line) ?? [] { say(text, &output) }
        }
    }

    private static func givenUp(_ pattern: String) -> String {
        "a line takes the pattern \(UTF8Pieces.shown(pattern)) too long; it is switched off"
    }

    private mutating func add(_ row: String, at time: String, _ output: inout Output) {
        write((isAtLeft ? "" : "\n") + stamp(time) + row + "\n", &output)
        output.log += stamp(time) + row + "\n"
    }

    private mutating func say(_ text: String, _ output: inout Output) {
        write((isAtLeft ? "" : "\n") + Self.mark + text + "\n", &output)
        output.log += Self.mark + text + "\n"
    }

    private func stamp(_ time: String) -> String {
        showsTimestamps ? time + "  " : ""
    }

    private mutating func write(_ text: String, _ output: inout Output) {
        guard !text.isEmpty else { return }
        output.screen += Array(text.utf8)
        isAtLeft = text.hasSuffix("\n")
    }
}
