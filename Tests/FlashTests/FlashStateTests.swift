import SerialPort
import Testing

@testable import Flash

/// What is said of a flash when a command ends before its time.
@Suite struct FlashStateTests {
    private let lost = FlashError.port(SerialError("/dev/board", .lost))
    private let why = "the port is gone; was the board or its cable pulled out?"

    private func files() -> FlashState {
        var state = FlashState([
            FlashState.Part(deed: .write(name: "boot.bin"), range: 0..<0x1388),
            FlashState.Part(deed: .write(name: "app.bin"), range: 0x10000..<0x14E20),
            FlashState.Part(deed: .write(name: "data.bin"), range: 0x20000..<0x20100),
        ])
        state.readBack = .due
        return state
    }

    private func text(_ state: FlashState) -> String {
        "\(state.ending(lost, port: "/dev/board"))"
    }

    @Test("nothing was begun: the flash is as it was, and the exit code is the cause's")
    func unchanged() {
        let error = files().ending(lost, port: "/dev/board")
        #expect("\(error)" == "/dev/board: \(why) (the flash is as it was)")
        #expect(ExitStatus(error) == .noPort)
        #expect(
            files().ending(.interrupted(port: "/dev/board", state: ""), port: "/dev/board")
                == .interrupted(port: "/dev/board", state: "the flash is as it was"))
    }

    @Test("of several files each is named: whole, half, or not begun")
    func severalFiles() {
        var state = files()
        state.begin(upTo: 0x1388)
        state.reach(0x1388)
        let between =
            "boot.bin is written whole (0x0 to 0x1388); app.bin is not begun (0x10000 to 0x14e20 are as they were); "
            + "data.bin is not begun (0x20000 to 0x20100 are as they were): write again before the board is used"
        #expect(text(state) == "/dev/board: \(between). What happened: \(why)")
        #expect(ExitStatus(state.ending(lost, port: "/dev/board")) == .partlyWritten)
        let stopped = state.ending(.interrupted(port: "/dev/board", state: ""), port: "/dev/board")
        #expect("\(stopped)" == "/dev/board: stopped: \(between)")
        #expect(ExitStatus(stopped) == .interrupted)
        state.begin(upTo: 0x14E20)
        state.reach(0x12400)
        #expect(
            text(state)
                == "/dev/board: boot.bin is written whole (0x0 to 0x1388); app.bin is written up to 0x12000, and erased or "
                + "unknown from there to 0x15000; data.bin is not begun (0x20000 to 0x20100 are as they were): write again "
                + "before the board is used. What happened: \(why)")
    }

    @Test("after the last file: all is written, but not read back; or read back, and only not started")
    func written() {
        var state = files()
        for end in [0x1388, 0x14E20, 0x20100] {
            state.begin(upTo: end)
            state.reach(end)
        }
        #expect(state.ending(lost, port: "/dev/board") == .notVerified(port: "/dev/board", why: why))
        #expect(
            "\(state.ending(.interrupted(port: "/dev/board", state: ""), port: "/dev/board"))"
                == "/dev/board: stopped: all is written, but it was not read back to the end: run iot flash verify")
        let different = FlashError.differs(port: "/dev/board", offset: 0x10, bytes: 0x20)
        #expect(state.ending(different, port: "/dev/board") == different)
        state.readBack = .done
        let left = state.leaving(lost, port: "/dev/board")
        #expect(
            "\(left)"
                == "/dev/board: the flash is right: all is written and verified; the board was not restarted: press RST on "
                + "it. What happened: \(why)")
        #expect(ExitStatus(left) == .notStarted)
        #expect(
            "\(FlashState().leaving(lost, port: "/dev/board"))"
                == "/dev/board: the board was not restarted: press RST on it. What happened: \(why)")
    }

    @Test("a region: what is erased, what may be in part, and what is as it was")
    func region() {
        var state = FlashState([FlashState.Part(deed: .erase, range: 0xF000..<0x21000)])
        state.begin(upTo: 0x10000)
        let end = "erase again before the board is used. What happened: \(why)"
        #expect(
            text(state)
                == "/dev/board: of the flash 0xf000 to 0x10000 may be erased in part, 0x10000 to 0x21000 are as they were: \(end)"
        )
        state.reach(0x10000)
        #expect(
            text(state)
                == "/dev/board: of the flash 0xf000 to 0x10000 are erased, 0x10000 to 0x21000 are as they were: \(end)")
        state.begin(upTo: 0x20000)
        #expect(
            text(state)
                == "/dev/board: of the flash 0xf000 to 0x10000 are erased, 0x10000 to 0x20000 may be erased in part, "
                + "0x20000 to 0x21000 are as they were: \(end)")
        #expect(ExitStatus(state.ending(lost, port: "/dev/board")) == .partlyWritten)
    }

    @Test("all of the flash, and its status registers, which are between old and new until they are done")
    func whole() {
        var state = FlashState([FlashState.Part(deed: .erase, range: 0..<0x40_0000)])
        state.begin(upTo: .max)
        #expect(
            text(state)
                == "/dev/board: of the flash 0x0 to 0x400000 may be erased in part: erase again before the board is used. "
                + "What happened: \(why)")
        state.reach(.max)
        #expect(state.ending(lost, port: "/dev/board") == lost)
        var status = FlashState([FlashState.Part(deed: .writeStatus, range: 0..<0)])
        status.begin(upTo: 0)
        #expect(
            text(status)
                == "/dev/board: the flash's status registers may be old, new or half written: look with iot flash status read "
                + "before the board is used. What happened: \(why)")
        #expect(ExitStatus(status.ending(lost, port: "/dev/board")) == .partlyWritten)
    }
}
