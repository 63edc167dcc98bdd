/// Says in words what an ``ExceptionDump`` has found, with the places in the source where an ELF is at hand.
///
/// Never blocks: what has to be looked up comes later, from ``ready()``.
final class CrashReport {
    private struct Question {
        var labels: [(label: String, addresses: [UInt32])]
    }

    private var dump = ExceptionDump()
    private let elf: String?
    private var lookup: AddressLookup?
    /// Set when the tool could not be used; said once.
    private var trouble: String?
    private var questions: [Question] = []
    private static let questionLimit = 64

    /// - Parameter elf: The program that runs on the board.
    init(elf: String?) {
        self.elf = elf
    }

    var isBusy: Bool { !questions.isEmpty }

    /// Starts over with the file as it is now, which may have been built again.
    func reload() {
        lookup = nil
        trouble = nil
        questions = []
    }

    /// Starts what looks addresses up, so that what is missing is known before the first crash.
    ///
    /// - Returns: What is missing, and what to do.
    func prepare() -> String? {
        guard let elf else { return nil }
        do throws(AddressLookup.Unavailable) {
            _ = try running(elf)
            return nil
        } catch {
            return give(up: error)
        }
    }

    private func give(up error: AddressLookup.Unavailable) -> String {
        reload()
        trouble = error.description
        return "the addresses of crashes stay numbers: \(error)"
    }

    /// Takes a line of the board.
    ///
    /// - Returns: What can be said at once.
    func take(_ line: String) -> [String] { dump.take(line).flatMap(say) }

    /// The port's end.
    func finish() -> [String] { dump.finish().flatMap(say) }

    private func say(_ event: ExceptionDump.Event) -> [String] {
        switch event {
        case .restarted(let reason): return [reason.text]
        case .stopped(let stop): return [stop.text]
        case .exception(let cause, let stop):
            return ["exception \(cause): \(stop?.meaning(ofException: cause) ?? ExceptionCause.text(cause))"]
        case .registers(let registers):
            let code = registers.filter { $0.name.hasPrefix("epc") || $0.name == "depc" }
                .filter { ExceptionDump.isCode($0.value) }
            return ask(code.map { ("\($0.name) \(Hex.text($0.value, 8))", [$0.value]) })
        case .failedAllocation(let address):
            guard ExceptionDump.isCode(address) else { return [] }
            return ask([("no memory for \(Hex.text(address, 8))", [address - 1, address])])
        case .stack(let context, let words):
            let name = context.map { "stack (\($0))" } ?? "stack"
            return ask(words.map { ("\(name) \(Hex.text($0, 8))", [$0 - 1, $0]) })
        }
    }

    private func ask(_ labels: [(label: String, addresses: [UInt32])]) -> [String] {
        guard elf != nil, trouble == nil, !labels.isEmpty, questions.count < Self.questionLimit else { return [] }
        questions.append(Question(labels: labels))
        return []
    }

    /// What has been looked up since the last time.
    func ready() -> [String] {
        guard let question = questions.first, let elf else { return [] }
        do throws(AddressLookup.Unavailable) {
            let running = try running(elf)
            if !running.isBusy { try running.ask(question.labels.flatMap(\.addresses)) }
            guard let places = try running.answer() else { return [] }
            questions.removeFirst()
            return Self.lines(question, places)
        } catch {
            return [give(up: error)]
        }
    }

    private func running(_ elf: String) throws(AddressLookup.Unavailable) -> AddressLookup {
        if let lookup { return lookup }
        let started = try AddressLookup(elf: elf)
        lookup = started
        return started
    }

    private static func lines(_ question: Question, _ places: [CodePlace]) -> [String] {
        var rest = places[...]
        return question.labels.flatMap { label, addresses -> [String] in
            let found = rest.prefix(addresses.count)
            rest = rest.dropFirst(addresses.count)
            let text = text(Array(found))
            return text.prefix(1).map { "\(label): \($0)" } + text.dropFirst().map { "  \($0)" }
        }
    }

    /// A word on a stack is the address after a call, so the call stands just before it, and the word's own place says less.
    /// Where the two are in different functions it may also be a pointer to the second: both are named.
    private static func text(_ places: [CodePlace]) -> [String] {
        guard places.count == 2 else { return places.first?.text ?? [] }
        let before = places[0]
        let at = places[1]
        guard !before.frames.isEmpty else { return at.text }
        guard !at.frames.isEmpty, before.frames.last?.function != at.frames.last?.function else { return before.text }
        return before.text + at.text.prefix(1).map { "or \($0)" } + at.text.dropFirst()
    }
}
