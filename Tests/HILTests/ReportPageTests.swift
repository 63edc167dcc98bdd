import Foundation
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(4)))
struct ReportPageTests {
    private static func resources() throws -> URL {
        try BuiltCommand.executable().deletingLastPathComponent().appending(path: "iot_HIL.resources")
    }

    /// Which lines the page is to show, and where: the model's own words, not the page's.
    private struct Expected: Encodable {
        struct Place: Encodable {
            var time: Int
            /// -1: among the steps.
            var lane: Int
        }

        var lines: [[String]]
        var begin: Int
        var length: Int
        var failure: Place
        var step: Place
        var serial: Place
        /// What the timeline says at the three, and where there is nothing.
        var shown: [[String]?]
        var hostile: String
        var last: String
    }

    private static let lanes = ["runner", "network lamp", "power lamp", "serial lamp", "unit lamp", "base", "hub"]

    private static func expected(last: String) throws -> Expected {
        let attempt = try #require(SampleRun.run.cases[1].attempts.first)
        let lines = attempt.entries.map { entry in
            let (kind, name) = (entry.source.kind.rawValue, entry.source.name)
            return [entry.time.stamp, kind == name ? kind : "\(kind) \(name)", entry.text]
        }
        return Expected(
            lines: lines, begin: 3_000_000, length: 2_500_000, failure: .init(time: 5_500_000, lane: 0),
            step: .init(time: 4_000_000, lane: -1), serial: .init(time: 5_400_000, lane: 3),
            shown: [
                ["5.500 s, runner", "lamp shows red: it shows black"],
                ["3.800 s, 400 ms, line 14: passed", "request lamp red"],
                ["5.400 s, serial lamp", SampleRun.hostile], nil,
            ], hostile: SampleRun.hostile, last: last)
    }

    @Test(
        "a page in a browser shows what the model holds, and takes no text for more than text",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func browser() async throws {
        try await withTemporaryDirectory { folder in
            let page = try ReportPage(resources: Self.resources())
            let large = SampleRun.attempt(at: 0, .passed, noise: 25_000)
            let files = ["report", "large", "expected"].map { folder.appending(path: "\($0).html") }
            try Data(page.html(SampleRun.run).utf8).write(to: files[0])
            let run = RunResult(
                rig: "sim", started: SampleRun.run.started, duration: .seconds(3), command: ["iot"],
                cases: [SampleRun.result("soak", nil, .passed, attempts: [large])])
            try Data(page.html(run).utf8).write(to: files[1])
            try JSONEncoder().encode(Self.expected(last: "tick 24999: adc 512")).write(to: files[2])
            let plan = [
                "report": files[0].path, "large": files[1].path, "expected": files[2].path,
                "shots": repositoryRoot.appending(path: "artifacts/hil-report").path,
            ]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: plan), as: UTF8.self)
            let lines = try await PythonPeer.run("hil_report.py", [text], within: .seconds(200))
            #expect(lines == Self.steps)
        }
    }

    private static let steps = [
        #"{"step": "run", "result": [["1 of 5 cases failed"], ["1failed", "1infrastructure", "1flaky", "#
            + #""1skipped", "1passed"], ["sim"], ["✓passed", "✕failed", "↻flaky", "–skipped", "!infrastructure"], "#
            + #"["connect", "command [terminator=CRLF]", "command [terminator=LF]", "brown-out-mid-flash", "#
            + #""flash-and-boot"], ["2.5 s", "5.0 s", "5.0 s", "", "2.5 s"]]}"#,
        #"{"step": "filters", "result": [["brown-out-mid-flash"], ["command [terminator=CRLF]", "#
            + #""brown-out-mid-flash"], ["brown-out-mid-flash", "flash-and-boot"]]}"#,
        #"{"step": "a_case", "result": [["Attempt 1: failed", "Attempt 2: failed"], ["start base, passed", "#
            + #""request lamp red, passed", "lamp shows red, failed", "stop base, not run"], ["it shows blue"], "#
            + #"["seconds", "steps", "runner", "network lamp", "power lamp", "serial lamp", "unit lamp", "base", "#
            + #""hub"]]}"#,
        #"{"step": "first_attempt", "result": ["it shows black"]}"#,
        #"{"step": "lines", "result": [true, null]}"#,
        #"{"step": "under_the_pointer", "result": true}"#,
        #"{"step": "zoom", "result": [true, "lamp shows red: it shows black", 0]}"#,
        #"{"step": "keys", "result": [["3.000 s, runner: start base", "start base"], ["3.120 s, base: "#
            + #"base.ready units=2", "base.ready units=2"], ["5.500 s, runner: lamp shows red: it shows black", "#
            + #""lamp shows red: it shows black"], ["5.400 s, serial lamp: </script><script>window.hacked = "#
            + #"1</sc", "</script><script>window.hacked = 1</scri"]]}"#,
        #"{"step": "lanes_and_search", "result": [["base", "hub", "network lamp", "power lamp", "runner", "#
            + #""serial lamp", "unit lamp"], ["10 of 51 lines", "11 of 51 lines"], ["tick 1: adc 512", "tick 10: "#
            + #"adc 512"], "51 lines"]}"#,
        #"{"step": "hostile", "result": [null, 0, 0, true, []]}"#,
        #"{"step": "transcripts", "result": [["command-1", "serial-lamp.log"], ["command-1", "base-base.log"]]}"#,
        #"{"step": "back", "result": [["no board of the rig has power; desk-lamp has all but that"], ["Nothing "#
            + #"was run, so there is nothing more to show."]]}"#,
        #"{"step": "other_screens", "result": [0, 0, 0, 0, 0, 0, 0, 0, 0]}"#,
        #"{"step": "many", "result": [true, true, ["5009 lines are in the transcripts only."]]}"#,
        #"{"step": "console_errors", "result": []}"#,
    ]
}
