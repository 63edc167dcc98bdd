import UnitProtocol

/// A unit on a virtual clock: keeps its one alarm, and everything it does with the time at which it did it.
struct UnitBench<Unit: UnitFirmware> {
    var unit: Unit
    var now = Duration.zero
    var log: [(at: Duration, action: UnitAction)] = []
    private var alarm: Duration?
    /// What the analog input reads.
    var reading = 512

    init(_ unit: Unit) {
        self.unit = unit
    }

    mutating func feed(_ input: UnitInput) {
        for action in unit.on(input, at: now) {
            switch action {
            case .wake(let at): alarm = at
            case .sample: feed(.sampled(reading))
            default: log.append((now, action))
            }
        }
    }

    mutating func feed(_ text: String) { feed(.received(Array(text.utf8))) }

    /// Lets time pass, with every alarm at its time.
    mutating func run(until end: Duration) {
        while let at = alarm, at <= end {
            now = max(now, at)
            alarm = nil
            feed(.wake)
        }
        now = end
    }

    /// Powers the unit and lets it serve one client from second 100 on; forgets what it did before.
    mutating func serve() {
        feed(.powered)
        run(until: .seconds(100))
        feed(.accepted)
        run(until: .seconds(100) + .milliseconds(10))
        log = []
    }

    var console: [String] {
        log.compactMap { if case .console(let line) = $0.action { line } else { nil } }
    }

    /// Colours with the milliseconds since second 100 at which they were shown.
    var shown: [String] {
        log.compactMap { entry in
            guard case .show(let color) = entry.action else { return nil }
            return "\((entry.at - .seconds(100)) / .milliseconds(1)) \(color)"
        }
    }

    var sent: [String] {
        log.compactMap { if case .send(let bytes) = $0.action { String(decoding: bytes, as: UTF8.self) } else { nil } }
    }
}

extension WiFiStation {
    static let bench = WiFiStation(
        ssid: "lab", address: IPv4Address(bits: 0x0A00_0007), association: .milliseconds(1500))
}
