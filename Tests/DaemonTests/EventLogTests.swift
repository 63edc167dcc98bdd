import Foundation
import Logging
import Synchronization
import Testing

@testable import Daemon

@Suite struct EventLogTests {
    /// Lines, and a clock that stands until it is moved.
    private final class Bench: Sendable {
        let lines = Mutex<[String]>([])
        let now = Mutex(Duration.zero)

        func log(_ format: LogFormat, hasPriorities: Bool = false, window: Duration = .zero) -> EventLog {
            EventLog(
                format: format, hasPriorities: hasPriorities, window: window, now: { self.now.withLock(\.self) },
                time: { Date(timeIntervalSince1970: 1_769_860_800.25) },
                write: { line in self.lines.withLock { $0.append(line) } })
        }

        func logger(_ log: EventLog) -> Logger {
            Logger(label: "base") { EventLogHandler(label: $0, level: .debug, log: log) }
        }

        var told: [String] { lines.withLock(\.self) }
    }

    @Test("each format writes whole lines, which a hostile peer cannot forge")
    func formats() {
        let bench = Bench()
        for format in LogFormat.allCases {
            bench.logger(bench.log(format)).warning(
                "unit.lost", metadata: ["unit": "10.0.0.1", "why": "a \"b\"\\\n\u{1B}[2J é", "time": "x"])
        }
        #expect(
            bench.told == [
                #"2026-01-31T12:00:00.250Z warning base unit.lost time=x unit=10.0.0.1 why="a \"b\"\\\n\u{1b}[2J é""#
                    + "\n",
                #"time=2026-01-31T12:00:00.250Z level=warning part=base event=unit.lost time_=x unit=10.0.0.1 why="#
                    + #""a \"b\"\\\n\u{1b}[2J é""# + "\n",
                #"{"time":"2026-01-31T12:00:00.250Z","level":"warning","part":"base","event":"unit.lost","time_":"x","#
                    + #""unit":"10.0.0.1","why":"a \"b\"\\\n\u001b[2J é"}"# + "\n",
            ])
    }

    @Test("the journal gets a priority before each line, where stderr is its stream")
    func journal() {
        let bench = Bench()
        let logger = bench.logger(bench.log(.logfmt, hasPriorities: true))
        for level in Logger.Level.allCases { logger.log(level: level, "x") }
        #expect(
            bench.told
                == zip([7, 6, 5, 4, 3, 2], ["debug", "info", "notice", "warning", "error", "critical"]).map {
                    "<\($0)>time=2026-01-31T12:00:00.250Z level=\($1) part=base event=x\n"
                })
        #expect(JournalStream.names("8:123", device: 8, inode: 123))
        #expect(!JournalStream.names("8:124", device: 8, inode: 123))
        #expect(!JournalStream.names(nil, device: 8, inode: 123))
    }

    @Test("the same warning of the same unit is counted within the window, and told once when it is over")
    func repeats() {
        let bench = Bench()
        let log = bench.log(.text, window: .seconds(10))
        let logger = bench.logger(log)
        func lose(_ unit: String, _ why: String, _ more: Logger.Metadata = [:]) {
            logger.warning("unit.lost", metadata: ["unit": "\(unit)", "why": "\(why)"].merging(more) { $1 })
        }
        func tell(at seconds: Int, _ body: () -> Void) -> [String] {
            bench.now.withLock { $0 = .seconds(seconds) }
            bench.lines.withLock { $0 = [] }
            body()
            return bench.told.map { String($0.dropFirst("2026-01-31T12:00:00.250Z ".count).dropLast()) }
        }
        let first = tell(at: 0) {
            for count in 1...3 { lose("a", "x", ["count": "\(count)"]) }
            lose("b", "x")
            lose("a", "y")
            for _ in 1...2 { logger.info("command.acknowledged", metadata: ["unit": "a"]) }
        }
        #expect(
            first == [
                "warning base unit.lost count=1 unit=a why=x", "warning base unit.lost unit=b why=x",
                "warning base unit.lost unit=a why=y", "info base command.acknowledged unit=a",
                "info base command.acknowledged unit=a",
            ])
        #expect(tell(at: 9) { lose("a", "x") } == [])
        #expect(
            tell(at: 10) { lose("a", "x", ["count": "5"]) } == [
                "warning base unit.lost repeated=3 unit=a why=x", "warning base unit.lost count=5 unit=a why=x",
            ])
        #expect(tell(at: 19) { lose("a", "x") } == [])
        #expect(tell(at: 19) { log.finish() } == ["warning base unit.lost repeated=1 unit=a why=x"])
        #expect(tell(at: 40) { log.finish() } == [])
    }

    @Test("more than can be remembered is told each time")
    func limit() {
        var window = RepeatWindow(length: .seconds(1))
        for number in 0..<1000 { #expect(window.take(.init(event: "\(number)"), at: .zero) == .tell) }
        #expect(window.take(.init(event: "other"), at: .zero) == .tell)
        #expect(window.take(.init(event: "other"), at: .zero) == .tell)
        #expect(window.take(.init(event: "7"), at: .zero) == .countUntil(.seconds(1)))
        #expect(window.take(.init(event: "7"), at: .zero) == .count)
        #expect(window.ended(at: .seconds(1)) == [.init(event: "7"): 2])
        #expect(window.take(.init(event: "other"), at: .seconds(1)) == .tell)
    }
}
