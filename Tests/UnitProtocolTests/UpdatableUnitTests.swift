import Testing
import UnitProtocol

@Suite struct UpdatableUnitTests {
    private func lamp(_ profile: FirmwareProfile = .core31) -> UnitBench<UpdatableUnit> {
        var bench = UnitBench(UpdatableUnit(profile: profile, station: .bench))
        bench.serve()
        return bench
    }

    private func shown(after text: String, until end: Duration = .seconds(130)) -> [String] {
        var lamp = lamp()
        lamp.feed(text)
        lamp.run(until: end)
        return lamp.shown
    }

    @Test("CT-001: the console at boot")
    func boot() {
        var bench = UnitBench(UpdatableUnit(profile: .core31, station: .bench))
        bench.feed(.powered)
        bench.run(until: .seconds(10))
        #expect(
            bench.console == [
                "Connecting to Wifi", ".", ".", "", "Connected to lab", "IP address: 10.0.0.7",
                "Open Telnet and connect to IP:10.0.0.7 on port 8888",
            ])
        #expect(bench.log.last?.action == .accept)
    }

    @Test("UP-010: a command that ends with CR is applied at once")
    func carriageReturn() {
        #expect(shown(after: "red\r") == ["11.0 #ff0000"])
    }

    @Test("UP-011: without CR a command is applied 5 s after its last byte", arguments: ["red\n", "red"])
    func noCarriageReturn(text: String) {
        #expect(shown(after: text) == ["5011.0 #ff0000"])
        var lamp = lamp()
        lamp.feed("r")
        lamp.run(until: .seconds(104))
        lamp.feed("ed")
        lamp.run(until: .seconds(130))
        #expect(lamp.shown == ["9000.0 #ff0000"])
    }

    @Test("UP-012: CR LF is applied at once, then the LF keeps the unit busy for 5 s")
    func carriageReturnLineFeed() {
        #expect(shown(after: "red\r\n") == ["11.0 #ff0000", "5012.0 #ff0000"])
    }

    @Test("UP-013: two commands in one connection; CT-004: each string stands on the console")
    func twoCommands() {
        var lamp = lamp()
        lamp.feed("red\rblue\r")
        lamp.run(until: .seconds(110))
        #expect(lamp.shown == ["11.0 #ff0000", "12.0 #0000ff"])
        #expect(lamp.console == ["red", "blue"])
    }

    @Test("UP-018: an invalid command shows the colour again, black after boot")
    func invalid() {
        #expect(shown(after: "nonsense\rred\r#12\r") == ["11.0 #000000", "12.0 #ff0000", "13.0 #ff0000"])
    }

    @Test("UP-031, CT-002, CT-003: core 3.1 loses what its peer had closed upon, and prints no more than the end")
    func earlyCloseNew() {
        var bench = UnitBench(UpdatableUnit(profile: .core31, station: .bench))
        bench.feed(.powered)
        bench.run(until: .seconds(100))
        bench.log = []
        bench.feed(.accepted)
        bench.feed("red\r")
        bench.feed(.peerClosed)
        bench.run(until: .seconds(110))
        #expect(bench.log.map(\.action) == [.close, .console("Client disconnected"), .accept])
    }

    @Test("UP-032: core 2.6 still reads what came before the close")
    func earlyCloseOld() {
        var bench = UnitBench(UpdatableUnit(profile: .core26, station: .bench))
        bench.feed(.powered)
        bench.run(until: .seconds(100))
        bench.log = []
        bench.feed(.accepted)
        bench.feed("red\r")
        bench.feed(.peerClosed)
        bench.run(until: .seconds(110))
        #expect(bench.console == ["Client Connected", "red", "Client disconnected"])
        #expect(bench.unit.color == Color(rgb: 0xFF0000))
    }

    @Test("a client that sent nothing and closed leaves nothing on the console")
    func nothingSent() {
        var bench = UnitBench(UpdatableUnit(profile: .core31, station: .bench))
        bench.feed(.powered)
        bench.run(until: .seconds(100))
        bench.log = []
        bench.feed(.accepted)
        bench.feed(.peerClosed)
        bench.run(until: .seconds(110))
        #expect(bench.log.map(\.action) == [.close, .accept])
    }

    @Test("UP-033, UP-035: a FIN does not end the wait for the rest of a command", arguments: FirmwareProfile.all)
    func closeDuringWait(profile: FirmwareProfile) {
        var lamp = lamp(profile)
        lamp.feed("red")
        lamp.run(until: .seconds(101))
        lamp.feed(.peerClosed)
        lamp.run(until: .seconds(130))
        #expect(lamp.shown == ["5011.0 #ff0000"])
        #expect(lamp.console == ["red", "Client disconnected"])
        #expect(lamp.log.last?.action == .accept)
    }

    @Test("UP-036: a line without CR is bounded by the heap")
    func longLine() {
        var lamp = lamp()
        for _ in 0..<100 {
            lamp.feed(.received([UInt8](repeating: 0x61, count: 1000)))
            lamp.run(until: lamp.now + .milliseconds(10))
        }
        lamp.feed("\r")
        lamp.run(until: .seconds(130))
        #expect(lamp.console.map(\.utf8.count) == [40 * 1024])
        #expect(lamp.shown.count == 1)
    }

    @Test("random inputs at random times never crash a unit, and the next client is served", arguments: 1...20)
    func random(seed: UInt64) {
        for profile in FirmwareProfile.all {
            var lamp = lamp(profile)
            var state = seed
            for _ in 0..<500 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                switch state >> 61 {
                case 0: lamp.feed(.peerClosed)
                case 1: lamp.feed(.reset)
                case 2: lamp.feed(.accepted)
                case 3: lamp.feed("red\r")
                case 4: lamp.feed(.received([UInt8(truncatingIfNeeded: state >> 40)]))
                default: lamp.run(until: lamp.now + .milliseconds(Int(state >> 50 & 0xFFF)))
                }
            }
            lamp.feed(.reset)
            lamp.run(until: lamp.now + .seconds(20))
            lamp.log = []
            lamp.feed(.accepted)
            lamp.feed("#0f0\r")
            lamp.run(until: lamp.now + .seconds(1))
            #expect(lamp.console == ["Client Connected", "#0f0"])
            #expect(lamp.unit.color == Color(rgb: 0x00FF00))
        }
    }
}
