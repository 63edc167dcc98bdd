import Foundation
import Synchronization
import Testing
import TerminalText

@testable import HIL

@Suite struct LiveScreenTests {
    private func screen(_ progress: [RunProgress], width: Int = 80) -> (screen: LiveScreen, kept: [String]) {
        var screen = LiveScreen(isColoured: false)
        var kept: [String] = []
        for one in progress { kept += screen.on(one, at: .zero, width: width) }
        return (screen, kept)
    }

    private let names = ["connect", "command [terminator=CRLF]", "soak"]
    private var middle: [RunProgress] {
        [
            .planned(names), .started(case: "connect", attempt: 1),
            .started(case: "command [terminator=CRLF]", attempt: 1),
            .ended(case: "connect", .passed, reason: nil, .milliseconds(2500)),
            .started(case: "command [terminator=CRLF]", attempt: 2),
            .step(case: "command [terminator=CRLF]", index: 2, of: 4, text: "lamp shows red"),
            .entry(
                case: "command [terminator=CRLF]",
                JournalEntry(
                    time: .milliseconds(1234), source: .init(kind: .serial, name: "lamp"), weight: .line,
                    text: "tick\u{1B}[2J")),
        ]
    }

    @Test func `it shows what runs, its step and its time, what was said last, and the sums`() {
        let (screen, kept) = screen(middle)
        #expect(kept == ["passed          connect (2.5 s)"])
        #expect(
            screen.picture(at: .milliseconds(1250), width: 80, height: 24) == [
                "  1.234 serial lamp: tick?[2J",
                "⠹ command [terminator=CRLF], attempt 2  3/4 lamp shows red  1.2 s",
                "1 passed, 1 running, 1 to come",
            ])
    }

    @Test func `no line fills the terminal, however narrow it is, and no picture is higher`() {
        let many = (0..<30).map { "case number \($0) with a name that is long" }
        var progress = middle + [.planned(many)] + many.map { .started(case: $0, attempt: 1) }
        progress += many.map { .step(case: $0, index: 0, of: 9, text: "wait for 漢字 that take two columns each") }
        for width in [2, 10, 20, 39, 40, 80, 200] {
            for height in [1, 2, 5, 24] {
                let picture = screen(progress, width: width).screen.picture(
                    at: .seconds(4000), width: width, height: height)
                #expect(picture.count <= height)
                #expect(picture.allSatisfy { $0.columns < max(width, 2) }, "\(width): \(picture)")
            }
        }
    }

    @Test func `why a case did not pass stays, as text`() {
        let (_, kept) = screen([
            .planned(["a"]), .ended(case: "a\n", .infrastructure, reason: "no\u{1B}[31m port\nat all", .seconds(61)),
        ])
        #expect(kept == ["infrastructure  a? (1 min 1 s)", "  no?[31m port?at all"])
    }

    @Test func `the table says each case's verdict and why, and cuts for a terminal only`() {
        let lines = RunTable(run: SampleRun.run).lines
        #expect(
            lines == [
                "passed          2.5 s    connect",
                "failed          5.0 s    command [terminator=CRLF], 2 attempts",
                "  line 16: lamp shows red: it shows black; "
                    + SampleRun.hostile.replacing("\u{2028}", with: "?"),
                "flaky           5.0 s    command [terminator=LF], 2 attempts",
                "skipped                  brown-out-mid-flash",
                "  no board of the rig has power; desk-lamp has all but that",
                "infrastructure  2.5 s    flash-and-boot",
                "  line 16: lamp shows red: /dev/ttyUSB0 is not there",
                "5 cases on rig sim in 12.3 s: 1 failed, 1 infrastructure, 1 flaky, 1 skipped, 1 passed",
            ])
        #expect(RunTable(run: SampleRun.run, width: 40).lines.dropLast().allSatisfy { $0.columns < 40 })
    }

    @Test func `plain lines say what begins and what ends`() {
        let written = Mutex("")
        let plain = PlainProgress { text in written.withLock { $0 += text } }
        for one in middle { plain.on(one) }
        plain.on(.ended(case: "command [terminator=CRLF]", .failed, reason: "x\ny", .seconds(5)))
        plain.on(.ended(case: "soak", .skipped, reason: "no power", .zero))
        #expect(
            written.withLock(\.self) == """
                3 cases
                begins  connect
                begins  command [terminator=CRLF]
                passed  connect (2.5 s, 1 of 3)
                begins  command [terminator=CRLF], attempt 2
                failed  command [terminator=CRLF] (5.0 s, 2 of 3): x?y
                skipped  soak (3 of 3): no power

                """)
    }
}
