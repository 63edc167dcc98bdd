import Synchronization
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct TurnsTests {
    @Test("beyond the limit of those who wait for a key, work is refused and not done; other keys are free")
    func full() async throws {
        let turns = Turns<String>(waitingLimit: 0)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        async let first = turns.run("a") {
            begin.finish()
            for await _ in released {}
            return 1
        }
        for await _ in begun {}
        await #expect(throws: AdmissionGate.Full()) { try await turns.run("a") { 2 } }
        let other = try await turns.run("b") { 3 }
        release.finish()
        let results = [try await first, other, try await turns.run("a") { 4 }]
        #expect(results == [1, 3, 4])
    }

    @Test("work that fails makes room for the next")
    func failing() async throws {
        struct Failed: Error, Equatable {}
        let turns = Turns<String>(waitingLimit: 0)
        await #expect(throws: Failed()) { try await turns.run("a") { throw Failed() } }
        let next = try await turns.run("a") { 2 }
        #expect(next == 2)
    }
}
