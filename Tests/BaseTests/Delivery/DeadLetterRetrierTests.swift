import Logging
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Base

/// Dead letters that are tried again.
@Suite(.timeLimit(.minutes(5))) struct DeadLetterRetrierTests {
    private static func letter(_ number: Int) throws -> DeadLetter {
        DeadLetter(
            record: OutboxRecord(
                key: OutboxKey(run: RunID(high: 1, low: 2), sequence: UInt64(number)), unit: .test(1), acceptedAt: 0,
                measurement: try Measurement("v\(number)")),
            refusedAt: 0, status: 404, reason: "no such unit")
    }

    /// A dashboard that answers as it is told.
    private final class Dashboard: Sendable {
        private let state = Mutex((sent: [String](), failing: Set<String>(), rejected: Set<String>()))

        func fail(_ values: Set<String>) { state.withLock { $0.failing = values } }
        func reject(_ values: Set<String>) { state.withLock { $0.rejected = values } }

        /// What has come since the last call.
        func takeSent() -> [String] {
            state.withLock { state in
                defer { state.sent = [] }
                return state.sent
            }
        }

        func answer(_ record: OutboxRecord) -> DeliveryOutcome {
            let text = record.measurement.text
            return state.withLock { state in
                state.sent.append(text)
                if state.failing.contains(text) { return .retry(reason: "500", after: nil) }
                return .answered([state.rejected.contains(text) ? .rejected(status: 410, reason: "gone") : .accepted])
            }
        }
    }

    private let clock = OutboxBench.Clock()
    private let dashboard = Dashboard()

    /// Letters of which all are to be tried again, and who does that.
    private func withRetrier(
        _ count: Int, _ body: (DeadLetterRetrier, _ path: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let path = folder.appending(path: "dead").path
            let letters = try DeadLetters(folder: path)
            _ = try await letters.add((1...count).map { try Self.letter($0) })
            _ = try await letters.retry(nil)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let retrier = DeadLetterRetrier(
                deadLetters: letters, clock: clock.outboxClock,
                log: DeliveryLog(logger: logger, clock: clock.outboxClock)
            ) { [dashboard] in dashboard.answer($0) }
            try await body(retrier, path)
        }
    }

    /// The values that are left, those to be tried again marked.
    private func left(_ retrier: DeadLetterRetrier) async throws -> [String] {
        try await retrier.deadLetters.list().map { $0.letter.record.measurement.text + ($0.isRetried ? "!" : "") }
    }

    @Test("one that fails holds up none of the others, and is tried again after a pause")
    func oneFails() async throws {
        try await withRetrier(4) { retrier, _ async throws in
            var pauses = DeadLetterPauses()
            dashboard.fail(["v1"])
            dashboard.reject(["v3"])
            await retrier.tryAll(&pauses)
            #expect(dashboard.takeSent() == ["v1", "v2", "v3", "v4"])
            #expect(try await left(retrier) == ["v1!", "v3"])
            #expect(try await retrier.deadLetters.list().last?.letter.status == 410)
            await retrier.tryAll(&pauses)
            #expect(dashboard.takeSent() == [])
            dashboard.fail([])
            clock.advance(.seconds(5))
            await retrier.tryAll(&pauses)
            #expect(dashboard.takeSent() == ["v1"])
            #expect(try await left(retrier) == ["v3"])
        }
    }

    @Test("a dashboard that is away gets three requests in a round; those that have failed less often go first")
    func away() async throws {
        try await withRetrier(8) { retrier, _ async throws in
            var pauses = DeadLetterPauses()
            dashboard.fail(Set((1...8).map { "v\($0)" }))
            for sent in [["v1", "v2", "v3"], ["v4", "v5", "v6"], ["v7", "v8", "v1"]] {
                await retrier.tryAll(&pauses)
                #expect(dashboard.takeSent() == sent)
                clock.advance(.seconds(5))
            }
            dashboard.fail(["v1", "v2", "v3", "v4"])
            clock.advance(.seconds(60))
            await retrier.tryAll(&pauses)
            #expect(dashboard.takeSent() == ["v2", "v3", "v4"])
            await retrier.tryAll(&pauses)
            #expect(dashboard.takeSent() == ["v5", "v6", "v7", "v8", "v1"])
            #expect(try await left(retrier) == ["v1!", "v2!", "v3!", "v4!"])
        }
    }

    @Test("a file that another process is changing leaves its letters for later, and no others")
    func busy() async throws {
        try await withRetrier(2) { retrier, path in
            let files = try FolderFiles(path, exclusive: false)
            let name = try #require(try files.names().first)
            let lock = try #require(files.lock(name, within: .zero))
            _ = try await retrier.deadLetters.add([Self.letter(3)])
            _ = try await retrier.deadLetters.retry([Self.letter(3).record.key])
            var pauses = DeadLetterPauses()
            await retrier.tryAll(&pauses)
            #expect(dashboard.takeSent() == ["v1", "v2", "v3"])
            withExtendedLifetime(lock) {}
            #expect(try await left(retrier) == ["v1!", "v2!"])
        }
    }
}
