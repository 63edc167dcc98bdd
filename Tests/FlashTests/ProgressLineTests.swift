import Testing

@testable import Flash

/// Lines for terminals of every width.
@Suite struct ProgressLineTests {
    private let line = ProgressLine(phase: .verify, what: "0x10000", total: 20_000, done: 5504)

    @Test(
        "the time left is on every line, and what there is no room for is left out",
        arguments: [200, 80, 60, 40, 24, 2])
    func widths(columns: Int) {
        let expected = [
            200: "verifying 0x10000 ██████░░░░░░░░░░░░░░░░░░ 27 %, 5504 bytes of 20 kB, 5.2 kB/s, 3 s left",
            80: "verifying 0x10000 ████░░░░░░░░░░░ 27 %, 5504 bytes of 20 kB, 5.2 kB/s, 3 s left",
            60: "verifying 0x10000 ██████░░░░░░░░░░░░░░░░░░ 27 %, 3 s left",
            40: "verifying 0x10000 27 %, 3 s left", 24: "verifying 0x10000 27 %,", 2: "v",
        ]
        let text = line.text(port: nil, after: 1.06, columns: columns)
        #expect(text == expected[columns])
        #expect(text.count < columns)
    }

    @Test("several boards are named, and what has no known size has no bar")
    func others() {
        #expect(
            line.text(port: "board", after: 0, columns: 80)
                == "board: verifying 0x10000 ████░░░░░░░░░░░░░░ 27 %, 5504 bytes of 20 kB, 0.0 kB/s")
        #expect(
            ProgressLine(phase: .erase, what: "all of the flash", total: 0).text(port: nil, after: 5, columns: 80)
                == "erasing all of the flash")
    }

    @Test("long times are minutes, one byte is one byte, and long sentences are folded at spaces")
    func words() {
        #expect([0.2, 99, 99.5, 185].map(FlashText.time) == ["1 s", "99 s", "1:40 min", "3:05 min"])
        #expect([1, 2, 12_000].map(FlashText.size) == ["1 byte", "2 bytes", "12 kB"])
        #expect(FlashText.folded("one two three four", columns: 10) == "one two\n  three\n  four")
        #expect(FlashText.folded("one", columns: 2) == "one")
    }

    @Test("reading back that takes long is announced with its time")
    func patience() {
        #expect(WriteJob.patience(bytes: 20_000, baud: 115_200) == nil)
        #expect(
            WriteJob.patience(bytes: 400_000, baud: 115_200)
                == "reading back 400 kB takes about 5:48 min at 115200 baud: a higher --baud shortens it")
    }
}
