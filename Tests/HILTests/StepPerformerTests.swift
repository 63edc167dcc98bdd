import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// Judgements of steps, on what a test has put into the parts' mouths.
@Suite(.timeLimit(.minutes(5))) struct StepPerformerTests {
    /// The error of a step that is given half a second.
    private func error(_ stage: Stage, _ action: Step.Action, within: Duration = .milliseconds(500)) async -> HILError?
    {
        do {
            try await TimeLimit.run(within, "step") { try await stage.perform(action) }
            return nil
        } catch {
            return error as? HILError
        }
    }

    @Test("What was said in an earlier life is none of what has come since the last step")
    func lives() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            let console = try stage.unit("sensor").console
            let hello = Step.Action.says(.console("sensor"), .text("hello"), since: .last)
            console.append("hello", at: .zero)
            #expect(await error(stage, hello, within: .seconds(60)) == nil)
            console.append("hello", at: .zero)
            console.beginAnew()
            #expect(await error(stage, hello) == .failed("not within 500ms"))
            #expect(await error(stage, .says(.console("sensor"), .text("hello"), since: .case)) == nil)
            console.append("hello", at: .zero)
            #expect(await error(stage, hello, within: .seconds(60)) == nil)
        }
    }

    @Test("Of lines that were lost nobody says that they were not said")
    func lost() async throws {
        try await Stage.alone([:]) { stage in
            let lacks = Step.Action.saysNot(.base, .text("panic"), for: .milliseconds(10))
            #expect(await error(stage, lacks, within: .seconds(60)) == nil)
            stage.base.lines.lose(3)
            let lost = HILError.infrastructure(
                "3 lines of the base were lost: nothing can be said of what they were not")
            #expect(await error(stage, lacks, within: .seconds(60)) == lost)
            #expect(await error(stage, .says(.base, .text("ready"), since: .last)) == lost)
            stage.base.lines.append("ready", at: .zero)
            #expect(await error(stage, .says(.base, .text("ready"), since: .last), within: .seconds(60)) == nil)
        }
    }

    @Test("A lamp of which nothing is known shows nothing, and keeps nothing")
    func unknownColor() async throws {
        try await Stage.alone(["lamp": .lamp]) { stage in
            let lamp = try stage.unit("lamp")
            let shows = Step.Action.shows(unit: "lamp", .black)
            let keeps = Step.Action.keepsShowing(unit: "lamp", .black, for: .milliseconds(10))
            for _ in 0..<2 {
                #expect(
                    await error(stage, shows)
                        == .failed("nothing is known of what lamp shows, and it should be #000000, after 500ms"))
                #expect(
                    await error(stage, keeps)
                        == .failed("nothing is known of what lamp shows yet, and it should go on with #000000"))
                lamp.colors.append(.black, at: .zero)
                #expect(await error(stage, shows, within: .seconds(60)) == nil)
                #expect(await error(stage, keeps, within: .seconds(60)) == nil)
                // It has lost its power.
                lamp.colors.append(nil, at: .zero)
            }
        }
    }

    @Test("A lamp that shows something else for a moment, between two looks, has not kept its colour")
    func flicker() async throws {
        try await Stage.alone(["lamp": .lamp]) { stage in
            let colors = try stage.unit("lamp").colors
            colors.append(.black, at: .zero)
            // Whenever one looks, black is the last that it has shown.
            let flickers = Task {
                while !Task.isCancelled {
                    for color in [Color(rgb: 0xFF0000), .black] { colors.append(color, at: .zero) }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let keeps = Step.Action.keepsShowing(unit: "lamp", .black, for: .seconds(2))
            #expect(
                await error(stage, keeps, within: .seconds(60))
                    == .failed("lamp shows #ff0000, and should go on with #000000"))
            flickers.cancel()
            _ = await flickers.result
        }
    }

    @Test("Where no hub runs nothing can be said of what it has, and of a lamp it never has anything")
    func nothing() async throws {
        try await Stage.alone(["sensor": .read, "lamp": .lamp]) { stage in
            let none = HILError.failed("no hub runs: nothing can be said of what it has")
            #expect(await error(stage, .hubExpectsNothing(unit: "sensor", for: .milliseconds(10))) == none)
            #expect(
                await error(stage, .hubExpectsNothing(unit: "lamp", for: .milliseconds(10)))
                    == .failed("lamp is a lamp, of which the hub never has a measurement"))
        }
    }

    @Test("What comes while the console is waited for is judged too, and what was judged is marked")
    func judged() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            let heard = try stage.measurements(of: "sensor")
            let console = try stage.unit("sensor").console
            func append(_ value: Int) {
                heard.append(HubMeasurement(value: "\(value)", at: value * 1000, lag: .zero), at: .zero)
            }
            func expects(_ count: Int, _ values: HubExpectation.Values) -> Step.Action {
                .hubExpects(
                    HubExpectation(unit: "sensor", count: count, since: .last, values: values, between: 0...100))
            }
            for value in 1...2 { append(value) }
            let judging = Task { await error(stage, expects(2, .console), within: .seconds(60)) }
            try await Task.sleep(for: .milliseconds(300))
            append(5000)
            for line in ["1", "2", "5000"] { console.append(line, at: .zero) }
            #expect(await judging.value == .failed("the hub has 5000, which is not from 0 to 100"))
        }
        try await Stage.alone(["sensor": .read]) { stage in
            let heard = try stage.measurements(of: "sensor")
            for value in ["1", "2", "3"] { heard.append(HubMeasurement(value: value, at: 0, lag: .zero), at: .zero) }
            let one = HubExpectation(unit: "sensor", count: 1, since: .last, values: .any)
            #expect(await error(stage, .hubExpects(one), within: .seconds(60)) == nil)
            #expect(stage.mark("measurements of sensor") == 3)
            #expect(
                await error(stage, .hubExpects(one))
                    == .failed("the hub has 0 of 1 measurements of sensor, after 500ms"))
        }
    }

    @Test("A unit that sends again what it has sent before does not send what it prints")
    func replay() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            let heard = try stage.measurements(of: "sensor")
            let console = try stage.unit("sensor").console
            func append(_ value: Int, printed: Int) {
                console.append("\(printed)", at: .zero)
                heard.append(HubMeasurement(value: "\(value)", at: printed * 1000, lag: .zero), at: .zero)
            }
            let two = Step.Action.hubExpects(
                HubExpectation(unit: "sensor", count: 2, since: .last, values: .console))
            for value in 0...1 { append(value, printed: value) }
            #expect(await error(stage, two, within: .seconds(60)) == nil)
            for value in 2...3 { append(value, printed: value) }
            #expect(await error(stage, two, within: .seconds(60)) == nil)
            for value in 0...1 { append(value, printed: value + 4) }
            #expect(
                await error(stage, two)
                    == .failed(
                        "what the hub has is not what the console printed since what it had last: after 0 that are alike "
                            + "the hub has 0, 1, of which the console knows no such order"))
            // All of the case has no such order either.
            #expect(
                await error(
                    stage, .hubExpects(HubExpectation(unit: "sensor", count: 2, since: .case, values: .console)))
                    == .failed(
                        "what the hub has is not what the console printed: after 4 that are alike the hub has "
                            + "3, 0, 1, of which the console knows no such order"))
        }
    }

    @Test("A line that comes while the last look is made, and bytes of a client, are not missed")
    func lastLook() async throws {
        try await Stage.alone([:]) { stage in
            let lacks = Step.Action.saysNot(.base, .text("panic"), for: .zero)
            #expect(await error(stage, lacks, within: .seconds(60)) == nil)
            // It is said from the end of the step's time on, as what waits in a pipe while this process is stopped.
            let says = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(10))
                    stage.base.lines.append("panic", at: .zero)
                }
            }
            #expect(
                await error(stage, lacks, within: .seconds(60))
                    == .failed("the base says what it should not: panic"))
            says.cancel()
            _ = await says.result
        }
    }

    @Test(
        "What a program of a step has started ends with it, though it would rather stay, when the step's time is over")
    func grandchildren() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "grandchild")
            try await Stage.alone([:]) { stage in
                let script = "(trap '' TERM; exec sleep 600) & echo $! > \(file.path); wait"
                let run = Step.Action.run(["sh", "-c", script], exitCode: 0)
                let failing = Task { await error(stage, run, within: .seconds(5)) }
                #expect(await failing.value == .failed("not within 5s"))
                let text = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
                let grandchild = try #require(pid_t(text))
                // A signal takes its time.
                try await eventually("the grandchild's end") {
                    let stat = try? String(contentsOfFile: "/proc/\(grandchild)/stat", encoding: .utf8)
                    return stat?.contains(") Z ") ?? true
                }
            }
        }
    }
}
