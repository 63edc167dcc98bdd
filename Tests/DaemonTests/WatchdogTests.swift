import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(5))) struct WatchdogTests {
    private final class Events: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// Whoever is asked answers when the test lets it.
    private func withWatchdog(
        _ body: (_ questions: AsyncStream<CheckedContinuation<Void, Never>>, _ words: AsyncStream<Void>, Events)
            async throws -> Void
    ) async throws {
        let (questions, ask) = AsyncStream.makeStream(of: CheckedContinuation<Void, Never>.self)
        let (words, say) = AsyncStream.makeStream(of: Void.self)
        let events = Events()
        let logger = Logger(label: "base") { label in
            EventLogHandler(label: label) { line in events.lines.withLock { $0.append(line) } }
        }
        let watchdog = Watchdog(
            interval: .milliseconds(50), answers: { await withCheckedContinuation { ask.yield($0) } },
            isWell: { say.yield() }, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: watchdog)], logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        try await body(questions, words, events)
        await group.triggerGracefulShutdown()
        try await running.value
        say.finish()
    }

    @Test("one word for each answer; while a question stays open nothing is said, no other is asked, and that is told")
    func oneWordAnAnswer() async throws {
        let order = Mutex<[String]>([])
        try await withWatchdog { questions, words, events in
            var asked = questions.makeAsyncIterator()
            var said = words.makeAsyncIterator()
            for _ in 0..<3 {
                let question = try #require(await asked.next())
                order.withLock { $0.append("answered") }
                question.resume()
                await said.next()
                order.withLock { $0.append("said") }
            }
            let open = try #require(await asked.next())
            try await eventually("the question that stays open is told", within: .seconds(60)) {
                events.lines.withLock {
                    $0.contains { $0.hasSuffix("error base watchdog.unanswered after=\"0.025 seconds\"\n") }
                }
            }
            open.resume()
            await said.next()
        }
        #expect(order.withLock(\.self) == Array(repeating: ["answered", "said"], count: 3).flatMap(\.self))
    }

    @Test("a question that is never answered does not hold up the end, and is not taken for an answer")
    func endWithoutAnswer() async throws {
        let (leftover, keep) = AsyncStream.makeStream(of: CheckedContinuation<Void, Never>.self)
        let (ends, end) = AsyncStream.makeStream(of: AsyncStream<Void>.self)
        try await withWatchdog { questions, words, _ in
            var asked = questions.makeAsyncIterator()
            if let question = await asked.next() { keep.yield(question) }
            end.yield(words)
        }
        // A continuation must be resumed once, after the end as well.
        var open = leftover.makeAsyncIterator()
        await open.next()?.resume()
        // The watchdog is gone, and with it what it could say: whatever it had said would stand before the end.
        var kept = ends.makeAsyncIterator()
        let words = try #require(await kept.next())
        #expect(await words.reduce(0) { count, _ in count + 1 } == 0)
    }
}
