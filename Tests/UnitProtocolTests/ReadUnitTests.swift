import Testing
import UnitProtocol

@Suite struct ReadUnitTests {
    private func unit(_ profile: FirmwareProfile = .core31) -> UnitBench<ReadUnit> {
        var bench = UnitBench(ReadUnit(profile: profile, station: .bench))
        bench.feed(.powered)
        bench.run(until: .seconds(100))
        bench.log = []
        return bench
    }

    @Test("UP-001: it sends at once, then every second; CT-004: each reading stands on the console")
    func period() {
        var unit = unit()
        unit.feed(.accepted)
        for second in 101...103 {
            unit.feed(.sent(4))
            unit.run(until: .seconds(second) + .milliseconds(500))
        }
        #expect(unit.sent == ["512\n", "512\n", "512\n", "512\n"])
        #expect(unit.console == ["Client Connected", "512", "512", "512", "512"])
    }

    @Test("UP-003: what a client sends changes nothing but the room in the window")
    func ignores() {
        var unit = unit()
        unit.feed(.accepted)
        unit.feed("hello\r\n")
        unit.run(until: .seconds(100) + .milliseconds(500))
        #expect(unit.sent == ["512\n"])
        #expect(unit.unit.receiveRoom == 4 * 536 - 7)
    }

    @Test("UP-004, UP-030: a close is noticed at the next pass, and the next client is taken")
    func close() {
        var unit = unit()
        unit.feed(.accepted)
        unit.run(until: .seconds(100) + .milliseconds(500))
        unit.feed(.peerClosed)
        unit.run(until: .seconds(100) + .milliseconds(900))
        #expect(unit.console == ["Client Connected", "512"])
        unit.run(until: .seconds(102))
        #expect(unit.console == ["Client Connected", "512", "Client disconnected"])
        #expect(unit.log.last?.action == .accept)
    }

    @Test("UP-005: with a full send buffer a write blocks 5 s, then the sketch goes on")
    func blocked() {
        var unit = unit()
        unit.feed(.accepted)
        // 4 bytes a second, never acknowledged: 1072 bytes are full after 268 readings.
        unit.run(until: .seconds(100 + 268))
        let full = unit.sent.joined().utf8.count
        #expect(full == 1072)
        unit.run(until: .seconds(100 + 280))
        #expect(unit.sent.joined().utf8.count == full)
        let printed = unit.console.count
        unit.run(until: .seconds(100 + 280 + 60))
        // Each blocked write takes 5 s and the delay 1 s.
        #expect(unit.console.count == printed + 10)
    }

    @Test("profiles are found by name, and an unknown one is named with those that are known")
    func profiles() throws {
        #expect(try FirmwareProfile.named("core-2.6") == .core26)
        #expect(try FirmwareProfile.named("core-3.1") == .core31)
        let error = try #require(throws: UnknownProfile.self) { try FirmwareProfile.named("core-9") }
        #expect(error.description == "\"core-9\" is no firmware profile; known are: core-2.6, core-3.1")
        #expect(FirmwareProfile.core26.waitingClients == 4)
        #expect(FirmwareProfile.core31.waitingClients == 5)
    }
}
