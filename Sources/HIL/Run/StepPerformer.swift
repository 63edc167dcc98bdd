import Foundation
import UnitProtocol

/// Does steps on a stage, one after the other.
///
/// A step that its limit has ended sees its task cancelled; what it was waiting for is then told by who set the limit.
struct StepPerformer: Sendable {
    let stage: Stage
    let customSteps: [String: any CustomStep]

    private static let looksAfterEnd = 10

    private var bench: Bench { stage.bench }

    /// Does a step, and sees that no part has ended meanwhile that was to go on.
    ///
    /// - Throws: ``HILError``; `CancellationError` where the time is over.
    func perform(_ action: Step.Action) async throws {
        do {
            try await act(action)
        } catch {
            // Where the time is over the step says what it has not found, and else what it has.
            let isJudgement = !Task.isCancelled
            throw HILError.cause(
                error as? HILError, isJudgement: isJudgement, await stage.troubles(hasFailed: true)) ?? error
        }
        if let trouble = HILError.cause(nil, isJudgement: false, await stage.troubles()) { throw trouble }
    }

    private func act(_ action: Step.Action) async throws {
        switch action {
        case .start(let part): try await start(part)
        case .stop(let part): try await stop(part)
        case .kill(let part): try await kill(part)
        case .power(let unit, let power): try await stage.unit(unit).power(power, cable: stage.cable(to: unit))
        case .reset(let unit): try await stage.unit(unit).reset(cable: stage.cable(to: unit))
        case .flash(let order): try await stage.unit(order.unit).flash(order)
        case .says(let speaker, let pattern, let since): try await says(speaker, pattern, since)
        case .saysNot(let speaker, let pattern, let time): try await saysNot(speaker, pattern, time)
        case .types(let unit, let text): try await stage.unit(unit).type(text)
        case .speed(let unit, let baud): try await stage.unit(unit).set(baud: baud)
        case .hubExpects(let expectation): try await HubJudge(stage: stage, expectation: expectation).judge()
        case .hubExpectsNothing(let unit, let time): try await nothing(unit, time)
        case .request(let unit, let payload, let result): try await request(unit, payload, result)
        case .shows(let unit, let color): try await shows(unit, color)
        case .keepsShowing(let unit, let color, let time): try await keepsShowing(unit, color, time)
        case .connect(let name, let unit): try await connect(name, unit)
        case .clientSends(let name, let text):
            bench.tell(.runner, name, "sends \(StepText.flow(.string(text)))")
            try await stage.client(name).send(text)
        case .clientExpects(let name, let expectation): try await client(name, expectation)
        case .clientCloses(let name, let closing):
            guard try stage.client(name).close(with: closing) else {
                throw HILError.failed("\(name) was closed by the runner before")
            }
        case .network(let link, let mode): try await stage.cable(link).set(mode)
        case .connections(let expectation): try await ConnectionJudge(stage: stage, expectation: expectation).judge()
        case .wait(let time): try await Task.sleep(for: time)
        case .run(let words, let code): try await run(words, code)
        case .custom(let name, let arguments):
            guard let step = customSteps[name] else { throw HILError.failed("there is no step \(name)") }
            try await step.perform(on: stage, arguments: arguments)
        case .again(let count, let steps): try await again(count, steps)
        }
    }

    private func again(_ count: RepeatCount, _ steps: [Step]) async throws {
        let begin = bench.now
        var round = 0
        while true {
            switch count {
            case .times(let times): if round >= times { return }
            case .lasting(let time): if bench.now - begin >= time { return }
            }
            round += 1
            for step in steps {
                bench.tell(.runner, "steps", "round \(round), line \(step.line): \(step.text)", .step)
                do {
                    try await TimeLimit.run(step.limit, step.text) { try await perform(step.action) }
                } catch HILError.failed(let why) {
                    throw HILError.failed("in round \(round), line \(step.line), \(step.text): \(why)")
                }
            }
        }
    }

    // MARK: Parts

    private func start(_ part: Step.Part) async throws {
        switch part {
        case .hub: try await stage.startHub()
        case .base: try await stage.startBase()
        case .unit(let name):
            try await stage.unit(name).start()
            await stage.cable(to: name)?.farEnd(hasPower: true)
        }
    }

    private func stop(_ part: Step.Part) async throws {
        switch part {
        case .hub: try await stage.hub.stop()
        case .base: try await stage.base.stop()
        case .unit(let name): try await stage.unit(name).stop()
        }
    }

    private func kill(_ part: Step.Part) async throws {
        switch part {
        case .hub: try await stage.hub.kill()
        case .base: try await stage.base.kill()
        case .unit(let name): try await stage.unit(name).kill()
        }
    }

    private func run(_ words: [String], _ code: Int) async throws {
        let executable = words[0] == "iot" ? bench.iot : try Program.executable(words[0])
        let bench = bench
        let (end, _) = try await Program.run(words[0], executable, Array(words.dropFirst())) { line in
            bench.tell(.runner, words[0], line)
        }
        guard end.status == "exit code \(code)" else {
            throw HILError.failed("\(words.joined(separator: " ")) ended with \(end), not exit code \(code)")
        }
    }

    // MARK: Lines

    private func heard(_ speaker: Step.Speaker) throws -> (lines: Heard<String>, name: String) {
        switch speaker {
        case .hub: (stage.hub.lines, "hub")
        case .base: (stage.base.lines, "base")
        case .console(let unit): (try stage.unit(unit).console, "console of \(unit)")
        }
    }

    private func says(_ speaker: Step.Speaker, _ pattern: TextPattern, _ since: Step.Since) async throws {
        let (lines, name) = try heard(speaker)
        let place =
            switch since {
            case .step: lines.end
            // What was said before the last loss of power, or the last start, is of another life.
            case .last: max(stage.mark(name), lines.birth)
            case .case: 0
            }
        var search = try LineSearch(pattern, in: lines, from: place)
        let found: (entry: Heard<String>.Entry, next: Int)
        do {
            found = try await awaited { try search.next() }
        } catch is CancellationError {
            try demandAll(search.missing, of: name)
            throw CancellationError()
        }
        stage.setMark(name, max(found.next, since == .case ? stage.mark(name) : 0))
    }

    private func saysNot(_ speaker: Step.Speaker, _ pattern: TextPattern, _ time: Duration) async throws {
        let (lines, name) = try heard(speaker)
        if case .console(let unit) = speaker, try await stage.unit(unit).isOff {
            throw HILError.failed("\(unit) does not run: there is nobody who could say it")
        }
        var search = try LineSearch(pattern, in: lines, from: lines.end)
        try await watch(for: time) {
            if let found = try search.next() {
                throw HILError.failed("the \(name) says what it should not: \(found.entry.element)")
            }
        }
        try demandAll(search.missing, of: name)
    }

    /// Looks again and again for so long whether something is as it should not be.
    ///
    /// Then some looks more, whatever the time: what was said before its end, while this process did not run, has yet to come through a
    /// pipe.
    private func watch(for time: Duration, _ look: () async throws -> Void) async throws {
        let end = bench.now + time
        var looksLeft = Self.looksAfterEnd
        while true {
            let isOver = bench.now >= end
            try await look()
            if isOver {
                looksLeft -= 1
                guard looksLeft > 0 else { return }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Of what was lost nobody can say that it was not said.
    private func demandAll(_ missing: Int, of name: String) throws {
        guard missing > 0 else { return }
        throw HILError.infrastructure(
            "\(missing) lines of the \(name) were lost: nothing can be said of what they were not")
    }

    // MARK: Hub and lamp

    private func nothing(_ unit: String, _ time: Duration) async throws {
        let heard = try stage.measurements(of: unit)
        try await stage.hub.catchUp()
        let place = heard.end
        let end = bench.now + time
        var isLast = false
        while true {
            if let first = heard.from(place).first {
                throw HILError.failed(
                    "the hub has a measurement of \(unit) that it should not have: \(first.element.value)")
            }
            if isLast { return }
            if bench.now < end {
                try await Task.sleep(for: .milliseconds(20))
            } else {
                // What has reached the hub until now is not missed.
                try await stage.hub.catchUp()
                isLast = true
            }
        }
    }

    private func request(_ unit: String, _ payload: String, _ wanted: RequestOutcome) async throws {
        if wanted == .noBase {
            return try await answer(unit, payload) { $0 == .noBase ? () : nil }
        }
        // A base that is about to connect again is no reason to fail, and nothing was sent.
        let number = try await answer(unit, payload) { if case .sent(let number) = $0 { number } else { nil } }
        let (outcome, reason) = try await awaited(every: .milliseconds(50)) {
            try await stage.hub.outcome(of: number, unit)
        }
        bench.tell(.hub, unit, "request \(number), \(payload): \(outcome.rawValue) \(reason)")
        guard outcome == wanted else {
            throw HILError.failed(
                "the request was \(outcome.rawValue)\(reason.isEmpty ? "" : " (\(reason))"), not \(wanted.rawValue)")
        }
    }

    /// Sends a request again and again until the hub's answer is the one that is wanted.
    private func answer<Value>(
        _ unit: String, _ payload: String, _ wanted: (HubAPI.Answer) -> Value?
    ) async throws -> Value {
        var last = HubAPI.Answer.noBase
        do {
            return try await awaited(every: .milliseconds(100)) {
                last = try await stage.hub.request(unit, payload)
                return wanted(last)
            }
        } catch let error as CancellationError {
            guard case .busy(let why) = last else { throw error }
            throw HILError.failed(why)
        }
    }

    private func shows(_ unit: String, _ color: Color) async throws {
        let driver = try stage.unit(unit)
        do {
            try await awaited { driver.shown == color ? () : nil }
        } catch is CancellationError {
            try demandAll(driver.colors.missing(from: driver.colors.end), of: "lamp \(unit)")
            guard let shown = driver.shown else {
                throw HILError.failed("nothing is known of what \(unit) shows, and it should be \(color)")
            }
            throw HILError.failed("\(unit) shows \(shown), not \(color)")
        }
    }

    private func keepsShowing(_ unit: String, _ color: Color, _ time: Duration) async throws {
        let driver = try stage.unit(unit)
        let colors = driver.colors
        // Nothing is missed of what it shows between two looks.
        var place = max(0, colors.end - 1)
        var missing = 0
        try await watch(for: time) {
            guard driver.shown != nil else {
                if let gone = await driver.trouble(), gone.isInfrastructure { throw gone }
                throw HILError.failed("nothing is known of what \(unit) shows yet, and it should go on with \(color)")
            }
            let (shown, next) = colors.all(from: place)
            if let other = shown.first(where: { $0.element != color }) {
                let text = other.element.map { "\($0)" } ?? "nothing"
                throw HILError.failed("\(unit) shows \(text), and should go on with \(color)")
            }
            // What was dropped meanwhile is missed from here on.
            missing = max(missing, colors.missing(from: place))
            place = next
        }
        try demandAll(missing, of: "lamp \(unit)")
    }

    // MARK: Clients

    private func connect(_ name: String, _ unit: String) async throws {
        guard let place = try stage.unit(unit).place else { throw HILError.failed("\(unit) has no network") }
        stage.add(try await RawClient.connect(to: place), as: name)
        bench.tell(.runner, name, "connected to \(unit)")
    }

    private func client(_ name: String, _ expectation: ClientExpectation) async throws {
        let client = try stage.client(name)
        switch expectation {
        case .lines(let count, let pattern):
            let lines = try await awaited { try client.lines(count) }
            let matcher = try pattern.map(LineMatcher.init)
            for line in lines {
                bench.tell(.runner, name, "receives \(line)")
                if let pattern, let matcher, try !matcher.matches(line) {
                    throw HILError.failed(
                        "\(name) has received \(StepText.flow(.string(line))), which is not like \(pattern)")
                }
            }
        case .end:
            guard !client.wasClosedByRunner else {
                throw HILError.failed("\(name) was closed by the runner: its end is none of the unit's")
            }
            let why = try await awaited { client.end() }
            bench.tell(.runner, name, "connection is over: \(why)")
        case .silence(let time):
            let before = client.received()
            try await watch(for: time) {
                let count = client.received() - before
                guard count == 0 else {
                    throw HILError.failed(
                        "\(name) has received \(count) bytes, and should hear nothing: "
                            + StepText.flow(.string(client.newest(count))))
                }
                if let why = client.end() { throw HILError.failed("the connection of \(name) is over: \(why)") }
            }
        }
    }
}
