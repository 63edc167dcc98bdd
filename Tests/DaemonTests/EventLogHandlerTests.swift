import Foundation
import Logging
import Synchronization
import Testing

@testable import Daemon

@Suite struct EventLogHandlerTests {
    private final class Sink: Sendable {
        let lines = Mutex<[String]>([])
    }

    private func logged(_ body: (inout Logger) -> Void) -> [String] {
        let sink = Sink()
        var logger = Logger(label: "hub") { label in
            EventLogHandler(label: label) { line in sink.lines.withLock { $0.append(line) } }
        }
        body(&logger)
        // The time differs from run to run; the rest of the line is compared whole.
        return sink.lines.withLock { $0 }.map { String($0.drop { $0 != " " }.dropFirst()) }
    }

    @Test("an event is one line: level, part, name, metadata in order")
    func anEventIsOneLineLevelPart() {
        let lines = logged { logger in
            logger[metadataKey: "unit"] = "127.0.1.1"
            logger.warning("unit.lost", metadata: ["why": "no line for 5 s", "after": "12"])
            logger.debug("not printed at the usual level")
        }
        #expect(lines == ["warning hub unit.lost after=12 unit=127.0.1.1 why=\"no line for 5 s\"\n"])
    }

    @Test("what a peer sent cannot forge a line or reach the terminal raw")
    func whatAPeerSentCannotForgeA() {
        let lines = logged { logger in
            logger.info("line.malformed", metadata: ["bytes": "x\n2026 info hub admin.login\u{1B}[2J\u{202E}\"="])
        }
        #expect(lines == [#"info hub line.malformed bytes="x\n2026 info hub admin.login\u{1b}[2J\u{202e}\"=""# + "\n"])
    }

    @Test("the time is UTC with milliseconds")
    func theTimeIsUTCWithMilliseconds() {
        #expect(EventLogHandler.timestamp(Date(timeIntervalSince1970: 1_769_860_800.25)) == "2026-01-31T12:00:00.250Z")
    }
}
