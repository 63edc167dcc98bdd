import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// Steps that find something else than what they are to find, by what a test has put into the parts' mouths.
@Suite(.timeLimit(.minutes(5))) struct StepFailureTests {
    private func error(_ stage: Stage, _ action: Step.Action, within: Duration = .seconds(60)) async -> HILError? {
        do {
            try await TimeLimit.run(within, "step") { try await stage.perform(action) }
            return nil
        } catch {
            return error as? HILError
        }
    }

    /// Says something again and again as long as a step is at work, whenever that has begun.
    private func saying<Value: Sendable>(
        _ say: @escaping @Sendable () throws -> Void, during work: () async throws -> Value
    ) async throws -> Value {
        let saying = Task {
            while !Task.isCancelled {
                try say()
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let value = try await work()
        saying.cancel()
        _ = await saying.result
        return value
    }

    /// A client on the stage, and the other end of its connection.
    private func client(_ name: String, on stage: Stage) async throws -> FileHandle {
        let (listener, port) = try Cable.listen(Stage.loopback, 0)
        defer { close(listener) }
        stage.add(try await RawClient.connect(to: (Stage.loopback, port)), as: name)
        let handle = try await eventually("the connection") { () -> Int32? in
            let handle = accept(listener, nil, nil)
            return handle >= 0 ? handle : nil
        }
        return FileHandle(fileDescriptor: handle, closeOnDealloc: true)
    }

    @Test("A line that a speaker should not say fails the step, and one that it has said before does not")
    func lacks() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            for (speaker, name) in [(Step.Speaker.console("sensor"), "console of sensor"), (.base, "base")] {
                let lines =
                    switch speaker {
                    case .console(let unit): try stage.unit(unit).console
                    default: stage.base.lines
                    }
                lines.append("PANIC: early", at: .zero)
                #expect(await error(stage, .saysNot(speaker, .text("PANIC"), for: .milliseconds(50))) == nil)
                let found = try await saying {
                    lines.append("all is well", at: .zero)
                    lines.append("PANIC: late", at: .zero)
                } during: {
                    await error(stage, .saysNot(speaker, .regex("^PANIC"), for: .seconds(20)))
                }
                #expect(found == .failed("the \(name) says what it should not: PANIC: late"))
            }
        }
    }

    @Test("Each line that a client receives has to be like the pattern, the last one too")
    func like() async throws {
        try await Stage.alone([:]) { stage in
            let far = try await client("first", on: stage)
            let digits = ClientExpectation.lines(2, .regex("^[0-9]+$"))
            try far.write(contentsOf: Data("1\n2\n3\nx4\n".utf8))
            #expect(await error(stage, .clientExpects(client: "first", digits)) == nil)
            #expect(
                await error(stage, .clientExpects(client: "first", digits))
                    == .failed("first has received x4, which is not like /^[0-9]+$/"))
        }
    }

    @Test("A client that is to hear nothing, and hears something or loses its connection, fails the step")
    func silence() async throws {
        try await Stage.alone([:]) { stage in
            let far = try await client("second", on: stage)
            let silence = Step.Action.clientExpects(client: "second", .silence(.seconds(20)))
            let heard = try await saying {
                try far.write(contentsOf: Data("7".utf8))
            } during: {
                await error(stage, silence)
            }
            let why = try #require(heard).description
            #expect(
                why.wholeMatch(of: /second has received \d+ bytes, and should hear nothing: "?7+"?/) != nil, "\(why)")
            try far.close()
            #expect(await error(stage, silence) == .failed("the connection of second is over: ended"))
            #expect(await error(stage, .clientExpects(client: "second", .end)) == nil)
        }
    }

    @Test("A client whose connection stands does not see its end")
    func end() async throws {
        try await Stage.alone([:]) { stage in
            let far = try await client("second", on: stage)
            #expect(
                await error(stage, .clientExpects(client: "second", .end), within: .milliseconds(300))
                    == .failed("not within 300ms"))
            try far.close()
        }
    }

    @Test("Of measurements that are not kept any more nothing can be said")
    func gone() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            let heard = try stage.measurements(of: "sensor")
            heard.append(HubMeasurement(value: "1", at: 0, lag: .zero), at: .zero)
            let one = HubExpectation(unit: "sensor", count: 1, since: .case, values: .any)
            #expect(await error(stage, .hubExpects(one)) == nil)
            heard.lose(2)
            #expect(
                await error(stage, .hubExpects(one))
                    == .infrastructure("2 measurements of sensor are not kept here any more"))
        }
    }

    @Test("A step of a block that fails is told with its round and its line, and ends the block")
    func round() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            let console = try stage.unit("sensor").console
            let hello = Step(
                line: 7, text: "serial expects: hello", limit: .milliseconds(300),
                action: .says(.console("sensor"), .text("hello"), since: .last))
            for count in [RepeatCount.times(3), .lasting(.seconds(60))] {
                for _ in 0..<2 { console.append("hello", at: .zero) }
                #expect(
                    await error(stage, .again(count, [hello]))
                        == .failed("in round 3, line 7, serial expects: hello: not within 300ms"))
            }
            // All rounds are well.
            for _ in 0..<2 { console.append("hello", at: .zero) }
            #expect(await error(stage, .again(.times(2), [hello])) == nil)
        }
    }
}
