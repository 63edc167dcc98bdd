import Testing
import UnitProtocol

@testable import ClientSim

@Suite struct FleetViewTests {
    private func view(lamps: [Int], colors: [Int: Color] = [:]) -> FleetView {
        var before = FleetSnapshot()
        before.at = .seconds(1)
        before.counts.lines = 100
        var now = before
        now.at = .seconds(3)
        now.workers = 2
        now.counts.units = 7
        now.counts.served = 5
        now.counts.listening = 2
        now.counts.lines = 120
        now.counts.connects = 5
        for _ in 0..<100 { now.lag.record(microseconds: 1500) }
        return FleetView(snapshot: now, rates: .init(from: before, to: now), colors: colors, lamps: lamps)
    }

    @Test("numbers and rates stand in lines that are no wider than the terminal")
    func numbers() {
        #expect(
            view(lamps: []).lines(width: 80, height: 24) == [
                "7 units in 2 processes, for 3 s", "waiting 0  booting 0  listening 2  served 5  faulty 0",
                "10 lines/s  3 connects/s  120 lines in all",
                "timers late by 1.5 ms (half), 1.5 ms (99 %), 1.5 ms (at most)",
            ])
        #expect(view(lamps: []).lines(width: 10, height: 2) == ["7 units i…", "waiting 0…"])
    }

    @Test("lamps are half characters, two rows of them in one line, as many as there is room for")
    func heatMap() {
        let red = Color(red: 255, green: 0, blue: 0)
        let lines = view(lamps: [3, 4, 9], colors: [4: red]).lines(width: 2, height: 5)
        #expect(
            lines.last
                == "\u{1B}[38;2;0;0;0m\u{1B}[48;2;0;0;0m▀\u{1B}[38;2;255;0;0m▀\u{1B}[0m")
        #expect(view(lamps: Array(0..<1000)).lines(width: 20, height: 6).count == 6)
    }
}
