import Testing
import UnitProtocol

@testable import Base

@Suite struct ReportQueueTests {
    private func report(_ number: Int) throws -> RequestReport {
        RequestReport(
            id: .integer(number), unit: try IPv4Address("10.0.0.7"), outcome: .acknowledged, reason: nil,
            took: .milliseconds(5))
    }

    /// Adds a result that is under way at once.
    private func begin(_ number: Int, _ queue: inout ReportQueue) throws -> ReportQueue.Attempt {
        let started = queue.add(try report(number))
        return try #require(started?.first)
    }

    @Test("four results are under way at once; the next one starts when one of them is taken")
    func concurrency() throws {
        var queue = ReportQueue()
        let reports = try (1...6).map(report)
        var started: [[ReportQueue.Attempt]] = []
        for report in reports { started.append(queue.add(report) ?? []) }
        #expect(started == reports.prefix(4).map { [.init(report: $0, number: 1)] } + [[], []])
        let (next, what) = queue.finished(started[0][0], .accepted, random: 1)
        #expect(next == [.init(report: reports[4], number: 1)])
        #expect(what == .nothing)
        #expect(queue.count == 5 && queue.delivered == 1 && queue.lost == 0)
    }

    @Test("a result that fails is tried five times with doubling pauses, holds up none meanwhile, and is lost then")
    func retries() throws {
        var queue = ReportQueue()
        var attempt = try begin(1, &queue)
        var pauses: [Duration] = []
        while true {
            let (_, next) = queue.finished(attempt, .retry(reason: "500", after: nil), random: 1)
            guard case .retry(let again, let pause) = next else {
                #expect(next == .lost(reason: "500, after 5 attempts"))
                break
            }
            pauses.append(pause)
            // While it pauses, all four places are free for others.
            for number in 10...13 { _ = try begin(number, &queue) }
            for number in 10...13 {
                _ = queue.finished(.init(report: try report(number), number: 1), .accepted, random: 1)
            }
            let started = queue.retry(again)
            #expect(started == [again])
            attempt = again
        }
        #expect(pauses == [1, 2, 4, 8].map { Duration.seconds($0) })
        #expect(queue.isEmpty && queue.lost == 1 && queue.delivered == 16)
    }

    @Test("what the dashboard asks to wait is waited, but no longer than the longest pause")
    func retryAfter() throws {
        var queue = ReportQueue()
        for (after, pause) in [
            (Duration.seconds(7), Duration.seconds(7)), (.seconds(3600), ReportQueue.backoff.maximum),
        ] {
            let attempt = try begin(1, &queue)
            let (_, next) = queue.finished(attempt, .retry(reason: "503", after: after), random: 0)
            #expect(next == .retry(.init(report: try report(1), number: 2), after: pause))
        }
    }

    @Test("a dashboard that refuses a result is not asked again")
    func rejected() throws {
        var queue = ReportQueue()
        let attempt = try begin(1, &queue)
        #expect(queue.finished(attempt, .rejected(reason: "404"), random: 1).next == .lost(reason: "404"))
        #expect(queue.isEmpty && queue.lost == 1)
    }

    @Test("beyond a thousand results a new one is lost, and counted")
    func full() throws {
        var queue = ReportQueue()
        for number in 1...ReportQueue.limit {
            let started = queue.add(try report(number))
            #expect(started?.count == (number <= ReportQueue.concurrency ? 1 : 0))
        }
        let beyond = queue.add(try report(0))
        #expect(beyond == nil)
        #expect(queue.count == ReportQueue.limit && queue.lost == 1)
    }
}
