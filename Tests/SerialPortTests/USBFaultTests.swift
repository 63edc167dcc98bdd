import TestSupport
import Testing

/// What a wire and a host do to transfers, against models of the chips.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: EmulatedAdapters.isExpected, EmulatedAdapters.reason))
struct USBFaultTests {
    private func run(_ adapter: String, _ steps: [String]) async throws -> (probe: FinishedCommand, events: [String]) {
        let (probe, events) = try await EmulatedAdapters.run([adapter]) {
            try await $0.finish("SerialProbe", ["usb:1-1.1", "115200"] + steps)
        }
        return (probe, events)
    }

    private let cleared = #"{"at": "1-1.1", "cleared": "in"}"#

    @Test("several transfers to the device are in flight together")
    func output() async throws {
        let (probe, events) = try await run("1-1.1,ch340,out-together=4", ["echo=100000"])
        #expect(probe.output == ["open", "echo=100000: intact", "closed"])
        #expect(events.last == #"{"at": "1-1.1", "mostInFlight": 8, "mostOut": 4}"#)
    }

    @Test("a transfer that the device cuts short is gone on with, and nothing overtakes its rest")
    func short() async throws {
        let (probe, events) = try await run("1-1.1,ch340,out-together=4,short-out-after=1", ["echo=100000"])
        #expect(probe.output == ["open", "echo=100000: intact", "closed"])
        #expect(events.filter { $0.contains("cut") }.count == 1)
    }

    @Test(
        "a wire that fails a few times is made to go on each time, and no byte is lost", arguments: ["ch340", "ftdi"])
    func noise(chip: String) async throws {
        let (probe, events) = try await run("1-1.1,\(chip),error-in-after=20000,errors=3", ["echo=100000"])
        #expect(probe.output == ["open", "echo=100000: intact", "closed"])
        #expect(events.filter { $0 == cleared }.count == 3)
    }

    @Test("a wire that goes on failing is a port that is gone, after as many tries as a cable in motion may need")
    func broken() async throws {
        let (probe, events) = try await run("1-1.1,ch340,error-in-after=20000,errors=1000", ["echo=100000"])
        #expect(
            probe.output == ["open", "error: usb:1-1.1: the port is gone; was the board or its cable pulled out?"])
        #expect(events.filter { $0 == cleared }.count == 10)
        #expect(events.suffix(2).first == #"{"at": "1-1.1", "attached": "ch341"}"#)
    }

    @Test("a device that sends more than it was asked for is an error")
    func overflow() async throws {
        let (probe, _) = try await run("1-1.1,ch340,overflow-in-after=20000", ["echo=100000"])
        #expect(
            probe.output == ["open", "error: usb:1-1.1: USB read: Value too large for defined data type"])
    }

    @Test("a reader that pauses while a board floods it gets all in the end: the transfers pause too")
    func pause() async throws {
        let (probe, _) = try await run("1-1.1,cp210x,flood=1500000", ["pause=12000", "pattern=1500000"])
        #expect(probe.output == ["open", "pause=12000: done", "pattern=1500000: intact", "closed"])
    }

    @Test("an FT232H does the speeds that it is asked for")
    func ft232H() async throws {
        let (probe, events) = try await run("1-1.1,ft232h", ["baud=256000", "baud=14400", "echo=1000"])
        #expect(probe.output == ["open", "baud=256000: done", "baud=14400: done", "echo=1000: intact", "closed"])
        #expect(
            events.filter { $0.contains("baud") }
                == [115_385, 255_319, 14_397].map { #"{"at": "1-1.1", "baud": \#($0)}"# })
    }

    @Test("a serial number with escape codes in it reaches no terminal")
    func escapes() async throws {
        let evil = "serial=\u{1B}[2J\u{1B}]0;own\u{7}"
        let (probe, _) = try await EmulatedAdapters.run(["1-1.1,ch340,\(evil)"]) {
            try await $0.finish("SerialProbe", ["usb:0403:6001", "115200"])
        }
        #expect(
            probe.output == [
                "error: usb:0403:6001: no such adapter is plugged in; there are usb:1-1.1 (CH340 1a86:7523, serial "
                    + "?[2J?]0;own?)"
            ])
    }
}
