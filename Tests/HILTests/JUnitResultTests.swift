import Foundation
import JUnit
import TestSupport
import Testing

@testable import HIL

@Suite struct JUnitResultTests {
    private func one(_ name: String) throws -> JUnitCase {
        try #require(SampleRun.run.junit.suites.flatMap(\.cases).first { $0.name == name })
    }

    private let steps =
        "line 12: start base: passed\nline 14: request lamp red: passed\nline 16: lamp shows red: "

    @Test func `each verdict has its own element, and none passes for another`() throws {
        #expect(try one("connect").outcome == .passed())
        #expect(
            try one("command [terminator=CRLF]").outcome
                == .wrong(
                    .init(
                        "line 16: lamp shows red: it shows black; \(SampleRun.hostile)".replacing(
                            "\u{2028}", with: "?"),
                        details: steps + "failed: it shows black\nline 18: stop base: not run"),
                    again: [
                        .init(
                            "line 16: lamp shows red: it shows blue",
                            details: steps + "failed: it shows blue\nline 18: stop base: not run")
                    ]))
        #expect(
            try one("command [terminator=LF]").outcome
                == .passed(after: [
                    .init(
                        "line 16: lamp shows red: no port",
                        details: steps + "infrastructure: no port\nline 18: stop base: not run", isError: true)
                ]))
        #expect(
            try one("brown-out-mid-flash").outcome
                == .skipped("no board of the rig has power; desk-lamp has all but that"))
        #expect(
            try one("flash-and-boot").outcome
                == .wrong(
                    .init(
                        "line 16: lamp shows red: /dev/ttyUSB0 is not there",
                        details: steps + "infrastructure: /dev/ttyUSB0 is not there\nline 18: stop base: not run",
                        isError: true)))
    }

    @Test func `an attempt of which no step says why it is no pass says it itself`() throws {
        let ended = "at the end: the base ended by itself (exit code 3)"
        let details = steps.replacing("lamp shows red: ", with: "lamp shows red: passed\nline 18: stop base: passed")
        let attempts = [
            SampleRun.attempt(at: 0, .passed, atEnd: ended), SampleRun.attempt(at: 3000, .passed, atEnd: ended),
            SampleRun.attempt(at: 6000, .passed),
        ]
        func outcome(_ verdict: Verdict, _ attempts: [CaseAttempt]) -> JUnitCase.Outcome? {
            let run = RunResult(
                rig: "sim", started: Date(timeIntervalSince1970: 0), duration: .zero, command: [],
                cases: [SampleRun.result("s", nil, verdict, reason: ended, attempts: attempts)])
            return run.junit.suites.first?.cases.first?.outcome
        }
        let problem = JUnitCase.Problem(ended, details: details)
        #expect(outcome(.flaky, attempts) == .passed(after: [problem, problem]))
        #expect(outcome(.failed, attempts.dropLast()) == .wrong(problem, again: [problem]))
        let run = RunResult(
            rig: "sim", started: Date(timeIntervalSince1970: 0), duration: .zero, command: [],
            cases: [SampleRun.result("s", nil, .flaky, reason: ended, attempts: attempts)])
        #expect(RunSummary(run).cases.first?.attempts.map(\.reason) == [ended, ended, nil])
        #expect(RunSummary(run).cases.first?.attempts.map(\.verdict) == [.failed, .failed, .passed])
    }

    @Test func `a case has its facts as properties, and the end of its journal`() throws {
        let flaky = try one("command [terminator=LF]")
        #expect(flaky.seconds == 5)
        #expect(
            flaky.properties.map { "\($0.name)=\($0.value)" } == [
                "verdict=flaky", "rig=sim", "file=hil/suites/command.yaml", "board.lamp=desk-lamp",
                "board.light=desk-light", "variable.terminator=CRLF", "attempts=2",
                "transcript=command-1/serial-lamp.log", "transcript=command-1/base-base.log",
                "transcript=command-1/serial-lamp.log", "transcript=command-1/base-base.log",
            ])
        let lines = try one("flash-and-boot").output.split(separator: "\n")
        #expect(lines.count == RunResult.junitTail + 1)
        #expect(lines.first == "... 111 lines more, see the transcripts")
        #expect(lines.last == "14.500 runner runner: lamp shows red: it shows black")
        #expect(lines.dropLast().last?.contains("</script>") == true)
        #expect(lines.dropLast().last?.contains("\u{2028}") == false)
    }

    @Test(
        "another program's parser takes it, and finds the sums",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func parser() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "junit.xml")
            try Data(SampleRun.run.junit.text.utf8).write(to: file)
            let lines = try await PythonPeer.run("junit_reader.py", [file.path])
            #expect(lines.last == "5 cases, counts agree")
            #expect(
                lines.first
                    == #"testsuites {"errors": "1", "failures": "1", "name": "iot hil, rig sim", "skipped": "1", "tests": "5", "time": "15.000"}"#
            )
            #expect(
                lines.first { $0.hasPrefix("testsuite {") && $0.contains("flash-and-boot") }
                    == #"testsuite {"errors": "1", "failures": "0", "name": "flash-and-boot", "skipped": "0", "tests": "1", "#
                    + #""time": "2.500", "timestamp": "2026-01-31T12:00:12"}"#)
        }
    }
}
