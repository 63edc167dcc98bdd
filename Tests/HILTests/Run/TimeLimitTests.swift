import Synchronization
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct TimeLimitTests {
    @Test("What is done in time is done, and what it throws is thrown as it is")
    func inTime() async throws {
        try await TimeLimit.run(.seconds(60), "work") {}
        await #expect(throws: HILError.infrastructure("no port")) {
            try await TimeLimit.run(.seconds(60), "work") { throw HILError.infrastructure("no port") }
        }
        await #expect(throws: HILError.failed("it is red")) {
            try await TimeLimit.run(.seconds(60), "work") { throw HILError.failed("it is red") }
        }
    }

    @Test("A time that is over ends the work, and what the work says of it is told with the time")
    func over() async {
        await #expect(throws: HILError.failed("not within 20ms")) {
            try await TimeLimit.run(.milliseconds(20), "work") { try await Task.sleep(for: .seconds(600)) }
        }
        await #expect(throws: HILError.failed("it is red, after 20ms")) {
            try await TimeLimit.run(.milliseconds(20), "work") {
                try? await Task.sleep(for: .seconds(600))
                throw HILError.failed("it is red")
            }
        }
    }

    @Test("A work that comes to its end in order, and too late, was not in time")
    func late() async {
        await #expect(throws: HILError.failed("not within 20ms")) {
            try await TimeLimit.run(.milliseconds(20), "work", grace: .seconds(60)) {
                // Until its end is asked for, which it takes for a sign to go on.
                try? await Task.sleep(for: .seconds(600))
            }
        }
    }

    @Test("A work that does not mind its end holds nobody up: limit and grace hold without it")
    func deaf() async {
        let gate = Gate()
        await #expect(throws: HILError.failed("work ignored its end, after 20ms")) {
            try await TimeLimit.run(.milliseconds(20), "work", grace: .milliseconds(50)) { await gate.wait() }
        }
        gate.open()
    }

    @Test("A caller that is cancelled is not held up either, and hears of no failure")
    func cancelled() async {
        let gate = Gate()
        let begun = Gate()
        let task = Task {
            try await TimeLimit.run(.seconds(600), "work", grace: .milliseconds(50)) {
                begun.open()
                await gate.wait()
            }
        }
        await begun.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        gate.open()
    }
}

/// What one waits at until another opens it, cancelled or not.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { one in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(one) }
                return state.isOpen
            }
            if isOpen { one.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }
}
