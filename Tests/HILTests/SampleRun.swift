import Foundation

@testable import HIL

/// A run with a case of each verdict, and text that wants to be more than text.
enum SampleRun {
    static let hostile =
        "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'> \u{2028}&amp; ]]>"

    static func entry(
        _ milliseconds: Int, _ kind: EventSource.Kind, _ name: String, _ text: String,
        _ weight: JournalEntry.Weight = .line
    ) -> JournalEntry {
        JournalEntry(
            time: .milliseconds(milliseconds), source: EventSource(kind: kind, name: name), weight: weight, text: text)
    }

    static func step(_ line: Int, _ text: String, at: Int, for length: Int, _ outcome: StepResult.Outcome = .passed)
        -> StepResult
    {
        StepResult(
            line: line, text: text, start: .milliseconds(at), duration: .milliseconds(length), outcome: outcome)
    }

    static func result(
        _ suite: String, _ point: String?, _ verdict: Verdict, reason: String? = nil, attempts: [CaseAttempt] = []
    ) -> CaseResult {
        CaseResult(
            suite: suite, file: "hil/suites/\(suite).yaml", name: point.map { "\(suite) [\($0)]" } ?? suite,
            variables: ["terminator": "CRLF"], boards: ["lamp": "desk-lamp", "light": "desk-light"], verdict: verdict,
            reason: reason, attempts: attempts)
    }

    /// - Parameters:
    ///   - noise: How many lines the board says besides.
    ///   - atEnd: What was found at the end of all parts, after steps that have passed.
    static func attempt(
        at start: Int, _ outcome: StepResult.Outcome, noise: Int = 40, atEnd: String? = nil
    ) -> CaseAttempt {
        var entries = [
            entry(start, .runner, "runner", "start base", .step),
            entry(start + 120, .base, "base", "base.ready units=2"),
            entry(start + 140, .hub, "hub", "hub.ready port=40123"),
            entry(start + 300, .network, "lamp", "connected 127.0.3.1:8888"),
            entry(start + 420, .unit, "lamp", "Client connected"),
            entry(start + 800, .runner, "runner", "request lamp red", .step),
            entry(start + 910, .hub, "hub", "request.dispatched bases=1"),
            entry(start + 930, .network, "lamp", "to the unit: 72 65 64 0d"),
            entry(start + 1200, .power, "lamp", "on", .note),
        ]
        for number in 0..<noise {
            entries.append(
                entry(start + 150 + number * 2200 / max(1, noise), .serial, "lamp", "tick \(number): adc 512"))
        }
        if outcome.problem != nil {
            entries.append(entry(start + 2400, .serial, "lamp", hostile, .warning))
            entries.append(entry(start + 2500, .runner, "runner", "lamp shows red: it shows black", .failure))
        }
        entries.sort { $0.time < $1.time }
        let verdict: Verdict =
            switch outcome {
            case .infrastructure: .infrastructure
            case .interrupted: .interrupted
            case .failed: .failed
            case .passed, .notRun: atEnd == nil ? .passed : .failed
            }
        return CaseAttempt(
            verdict: verdict, reason: atEnd ?? outcome.problem.map { "line 16, lamp shows red: \($0.text)" },
            steps: [
                step(12, "start base", at: start, for: 700), step(14, "request lamp red", at: start + 800, for: 400),
                step(16, "lamp shows red", at: start + 1250, for: 1250, outcome),
                step(18, "stop base", at: start + 2500, for: 0, outcome.problem == nil ? .passed : .notRun),
            ], start: .milliseconds(start), duration: .milliseconds(2500), entries: entries, leftOut: 0,
            transcripts: ["command-1/serial-lamp.log", "command-1/base-base.log"])
    }

    static let run = RunResult(
        rig: "sim", started: Date(timeIntervalSince1970: 1_769_860_800), duration: .milliseconds(12_345),
        command: ["iot", "hil", "run", "hil/suites", "--rig", "hil/rigs/sim.yaml"],
        cases: [
            result("connect", nil, .passed, attempts: [attempt(at: 0, .passed)]),
            result(
                "command", "terminator=CRLF", .failed,
                reason: "line 16: lamp shows red: it shows black; \(hostile)",
                attempts: [
                    attempt(at: 3000, .failed("it shows black")), attempt(at: 5600, .failed("it shows blue")),
                ]),
            result(
                "command", "terminator=LF", .flaky,
                attempts: [attempt(at: 6000, .infrastructure("no port")), attempt(at: 9000, .passed)]),
            result(
                "brown-out-mid-flash", nil, .skipped,
                reason: "no board of the rig has power; desk-lamp has all but that"),
            result(
                "flash-and-boot", nil, .infrastructure, reason: "line 16: lamp shows red: /dev/ttyUSB0 is not there",
                attempts: [attempt(at: 12_000, .infrastructure("/dev/ttyUSB0 is not there"), noise: 300)]),
        ])
}
