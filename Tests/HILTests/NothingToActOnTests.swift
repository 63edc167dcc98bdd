import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// Steps that would act on what is not there, or on what was over before them.
@Suite(.timeLimit(.minutes(5))) struct NothingToActOnTests {
    private func error(_ stage: Stage, _ action: Step.Action) async -> HILError? {
        do {
            try await TimeLimit.run(.seconds(60), "step") { try await stage.perform(action) }
            return nil
        } catch {
            return error as? HILError
        }
    }

    @Test("Who does not run cannot be stopped, nor killed")
    func notRunning() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            for (part, name) in [(Step.Part.base, "the base"), (.hub, "the hub"), (.unit("sensor"), "sensor")] {
                #expect(await error(stage, .stop(part)) == .failed("\(name) does not run"))
                #expect(await error(stage, .kill(part)) == .failed("\(name) does not run"))
            }
        }
        let board = SerialUnit(
            RigBoard(name: "b", kind: .read, driver: .serial, power: .commands(on: ["true"], off: ["true"])),
            unit: "board", bench: .alone())
        await #expect(throws: HILError.failed("board runs already")) { try await board.start() }
        try await board.stop()
        await #expect(throws: HILError.failed("board does not run")) { try await board.kill() }
        try await board.start()
        #expect(await board.end() == [])
        let virtual = VirtualBoardUnit(
            RigBoard(name: "b", kind: .read, driver: .virtualBoard), unit: "virtual", bench: .alone())
        await #expect(throws: HILError.failed("virtual does not run")) { try await virtual.stop() }
        await #expect(throws: HILError.failed("virtual does not run")) { try await virtual.kill() }
    }

    @Test("Of a console on which nobody can say anything nobody says that it lacks something")
    func silent() async throws {
        try await Stage.alone(["sensor": .read]) { stage in
            try await stage.unit("sensor").power(.off, cable: nil)
            #expect(
                await error(stage, .saysNot(.console("sensor"), .text("panic"), for: .milliseconds(10)))
                    == .failed("sensor does not run: there is nobody who could say it"))
        }
    }

    @Test("The runner's own end of a connection is none of the unit's, and comes once")
    func clients() async throws {
        let (listener, port) = try Cable.listen(Stage.loopback, 0)
        defer { close(listener) }
        try await Stage.alone([:]) { stage in
            let client = try await RawClient.connect(to: (Stage.loopback, port))
            stage.add(client, as: "c")
            #expect(await error(stage, .clientCloses(client: "c", .end)) == nil)
            #expect(
                await error(stage, .clientCloses(client: "c", .end)) == .failed("c was closed by the runner before"))
            #expect(
                await error(stage, .clientExpects(client: "c", .end))
                    == .failed("c was closed by the runner: its end is none of the unit's"))
            // One that the unit has ended before is the unit's.
            stage.add(try await RawClient.connect(to: (Stage.loopback, port)), as: "d")
            for _ in 0..<2 {
                close(
                    try await eventually("the connection") {
                        let handle = accept(listener, nil, nil)
                        return handle >= 0 ? handle : nil
                    })
            }
            #expect(await error(stage, .clientExpects(client: "d", .end)) == nil)
            #expect(await error(stage, .clientCloses(client: "d", .end)) == nil)
            #expect(await error(stage, .clientExpects(client: "d", .end)) == nil)
        }
    }

    @Test("Where no connection was made nobody says that there were not too many at once")
    func connections() throws {
        func expectation(_ count: ClosedRange<Int>?) -> ConnectionExpectation {
            ConnectionExpectation(unit: "s", since: .case, count: count, mostAtOnce: 1)
        }
        #expect(try expectation(nil).isMet(by: []) == false)
        #expect(try expectation(0...2).isMet(by: []))
    }

    @Test("What ended by itself before it was killed, or lost its power, is told")
    func swallowed() async throws {
        let script = "echo listening on port 8888; echo out of paper >&2; exit 3"
        let board = RigBoard(name: "b", kind: .read, driver: .command, start: ["sh", "-c", script])
        let own = HILError.failed("u ended by itself (exit code 3; its last line: out of paper)")
        for kill in [{ try await $0.kill() }, { try await $0.power(.off, cable: nil) }]
            as [@Sendable (ProcessUnit) async throws -> Void]
        {
            let unit = try ProcessUnit(board, unit: "u", bench: .alone())
            try await unit.begin()
            try await eventually("its end") { await unit.trouble() == own }
            await #expect(throws: own) { try await kill(unit) }
            #expect(await unit.end() == [])
        }
        try await withTemporaryDirectory { folder in
            let alone = Bench.alone()
            let bench = Bench(
                journal: alone.journal, origin: alone.origin, iot: alone.iot, state: folder,
                addresses: alone.addresses, prompt: alone.prompt)
            var rig = RigPart()
            rig.start = ["sh", "-c", "echo '{}'; exit 3"]
            let base = BasePart(bench: bench, rig: rig)
            try await base.start(
                BasePart.Places(
                    clients: [], units: [], dashboard: (Stage.loopback, 1), broker: (Stage.loopback, 1), token: "t",
                    appKey: "k"))
            let gone = HILError.failed("the base ended by itself (exit code 3)")
            try await eventually("its end") { await base.trouble() == gone }
            await #expect(throws: gone) { try await base.kill() }
            try await base.end()
        }
    }

    @Test("A serial port that was gone before the power was taken is told")
    func portGone() async throws {
        let (listener, port) = try Cable.listen(Stage.loopback, 0)
        defer { close(listener) }
        let unit = SerialUnit(
            RigBoard(
                name: "b", kind: .read, driver: .serial,
                serial: RigBoard.SerialPlace(port: "socket://127.0.0.1:\(port)"),
                power: .commands(on: ["true"], off: ["true"])), unit: "u", bench: .alone())
        try await unit.begin()
        close(
            try await eventually("the console") {
                let handle = accept(listener, nil, nil)
                return handle >= 0 ? handle : nil
            })
        let gone = try await eventually("the port is gone") { await unit.trouble() }
        #expect(gone.isInfrastructure)
        await #expect(throws: gone) { try await unit.power(.off, cable: nil) }
        _ = await unit.end()
    }
}
