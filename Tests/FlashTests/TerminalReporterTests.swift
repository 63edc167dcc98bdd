import SerialPort
import Synchronization
import Testing

@testable import Flash

/// What reaches a terminal while boards are worked on.
@Suite struct TerminalReporterTests {
    private final class Screen: Sendable {
        private let pieces = Mutex<[String]>([])

        func write(_ text: String) { pieces.withLock { $0.append(text) } }
        var written: [String] { pieces.withLock(\.self) }
    }

    private func written(_ ports: [String], _ columns: Int, _ events: [(FlashEvent, String)]) -> [String] {
        let screen = Screen()
        let reporter = TerminalReporter(ports: ports, columns: { columns }, write: screen.write)
        for (event, port) in events { reporter.take(event, of: port) }
        return screen.written
    }

    @Test("a bar stands below the lines that stay, is taken away before each of them, and goes with its phase")
    func bar() {
        let bar = "writing 0x0 " + String(repeating: "░", count: 24) + " 0 %, 0 bytes of 100 bytes, 0.0 kB/s\n"
        #expect(
            written(
                ["a"], 80,
                [
                    (.connecting, "a"), (.began(.write, what: "0x0", total: 100), "a"), (.note("a note"), "a"),
                    (.ended(.write, bytes: 100, time: .seconds(2)), "a"), (.done, "a"),
                ]) == [
                    bar, "\u{1B}[1A\r\u{1B}[Ja note\n" + bar,
                    "\u{1B}[1A\r\u{1B}[Jwrote 100 bytes in 2.0 s (0.1 kB/s)\n",
                ])
    }

    @Test("progress is drawn no more often than ten times a second")
    func pause() {
        let events = (1...10).map { (FlashEvent.progress($0), "a") }
        let screen = written(["a"], 80, [(.began(.read, what: "0x0", total: 100), "a")] + events)
        #expect(screen.count < 10)
        #expect(screen.first?.hasPrefix("reading 0x0 ") == true)
    }

    @Test("several boards have a bar each, in the ports' order, and one that fails has none any more")
    func several() {
        let failure = FlashEvent.failed(.port(SerialError("b", .lost)))
        let screen = written(
            ["a", "b"], 30,
            [
                (.began(.erase, what: "all of the flash", total: 0), "b"),
                (.began(.erase, what: "all of the flash", total: 0), "a"), (failure, "b"),
                (.note("words that do not fit one line"), "a"),
            ])
        let (a, b) = ("a: erasing all of the flash\n", "b: erasing all of the flash\n")
        #expect(
            screen == [
                b, "\u{1B}[1A\r\u{1B}[J" + a + b, "\u{1B}[2A\r\u{1B}[J" + a,
                "\u{1B}[1A\r\u{1B}[Ja: words that do not fit one\n  line\n" + a,
            ])
    }
}
