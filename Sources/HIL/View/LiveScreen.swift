import TerminalText

/// What a person sees of a run: the cases that run, with their step, and the last lines that parts have said.
struct LiveScreen {
    private struct Running {
        var name: String
        var attempt: Int
        var began: Duration
        var step: (index: Int, of: Int, text: String)?
    }

    private struct Said {
        var text: String
        var isBad: Bool
    }

    /// Lines of the journal that are in sight.
    static let tail = 6
    private static let spinner: [Character] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    private static let turn = Duration.milliseconds(100)

    var isColoured: Bool
    private var planned = 0
    private var running: [Running] = []
    private var verdicts: [Verdict] = []
    private var said: [Said] = []
    private var question: String?

    init(isColoured: Bool) { self.isColoured = isColoured }

    /// - Parameter now: Counts from any fixed moment.
    /// - Returns: Lines that stay, above the picture.
    mutating func on(_ progress: RunProgress, at now: Duration, width: Int) -> [String] {
        switch progress {
        case .planned(let names):
            planned = names.count
        case .started(let name, let attempt):
            running.removeAll { $0.name == name }
            running.append(Running(name: name, attempt: attempt, began: now))
        case .step(let name, let index, let count, let text):
            guard let place = running.firstIndex(where: { $0.name == name }) else { break }
            running[place].step = (index, count, text)
        case .entry(_, let entry):
            let source = "\(entry.source.kind.rawValue) \(entry.source.name)".printable
            said.append(
                Said(
                    text: "\(entry.time.stamp) \(source): \(entry.text.printable)",
                    isBad: entry.weight == .failure || entry.weight == .warning))
            if said.count > Self.tail { said.removeFirst(said.count - Self.tail) }
        case .asks(let text): question = text.printable
        case .answered: question = nil
        case .ended(let name, let verdict, let reason, let duration):
            running.removeAll { $0.name == name }
            verdicts.append(verdict)
            return ended(name, verdict, reason, duration, width)
        case .finished:
            running = []
            said = []
        }
        return []
    }

    private func ended(_ name: String, _ verdict: Verdict, _ reason: String?, _ duration: Duration, _ width: Int)
        -> [String]
    {
        let time = verdict == .skipped ? "" : " (\(VerdictText.time(duration)))"
        let room = max(8, width - 1 - VerdictText.widest - 2 - time.count)
        let line =
            VerdictText.padded(verdict, isColoured: isColoured) + "  " + name.printable.cut(to: room) + time
        guard let reason, verdict != .passed else { return [line] }
        return [line, ("  " + reason.printable).cut(to: max(8, width - 1))]
    }

    /// The lines of the picture, none of which fills `width` columns, no more than `height`.
    func picture(at now: Duration, width: Int, height: Int) -> [String] {
        let room = max(1, width - 1)
        let picture = picture(at: now, room: room, height: height - (question == nil ? 0 : 1))
        return picture + (question.map { [styled($0.cut(to: room), 33)] } ?? [])
    }

    private func picture(at now: Duration, room: Int, height: Int) -> [String] {
        guard planned > 0 || !running.isEmpty, height > 0 else { return [] }
        var lines: [String] = []
        for one in running { lines.append(line(one, now, room)) }
        if running.count > max(1, height - 1) {
            let seen = max(1, height - 2)
            lines = Array(lines.prefix(seen)) + ["… and \(running.count - seen) more".cut(to: room)]
        }
        let left = max(0, planned - verdicts.count - running.count)
        let sums = verdicts.isEmpty ? "" : VerdictText.sums(verdicts, isColoured: false) + ", "
        lines.append("\(sums)\(running.count) running, \(left) to come".cut(to: room))
        let tail = said.suffix(max(0, min(Self.tail, height - lines.count))).map { line in
            styled(("  " + line.text).cut(to: room), line.isBad ? 33 : 2)
        }
        return Array((tail + lines).suffix(height))
    }

    private func line(_ one: Running, _ now: Duration, _ room: Int) -> String {
        let turn = Int(now / Self.turn) % Self.spinner.count
        let time = VerdictText.time(.milliseconds((now - one.began).milliseconds / 100 * 100))
        let attempt = one.attempt > 1 ? ", attempt \(one.attempt)" : ""
        let head = "\(Self.spinner[turn]) \(one.name.printable)\(attempt)"
        let tail = "  \(time)"
        guard let step = one.step else { return head.cut(to: max(1, room - tail.count)) + tail }
        let what = "  \(step.index + 1)/\(step.of) \(step.text.printable)"
        // The name goes first, but leaves the step some room.
        let short = head.cut(to: max(12, room - tail.count - min(what.columns, room / 2)))
        return (short + what.cut(to: max(1, room - tail.count - short.columns)) + tail).cut(to: room)
    }

    private func styled(_ text: String, _ number: Int) -> String {
        isColoured ? "\u{1B}[\(number)m\(text)\u{1B}[0m" : text
    }
}
