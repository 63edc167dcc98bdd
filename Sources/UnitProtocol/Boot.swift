/// The text between power-on and the first client: `setup()`.
///
/// The sketch looks once a second whether it is connected and prints a dot half-way between two looks.
struct Boot: Sendable {
    private let station: WiFiStation
    private var isHalfWay = false
    private var startedAt: Duration = .zero

    init(station: WiFiStation) {
        self.station = station
    }

    /// - Returns: When to step; now, if the network is there already.
    mutating func start(at now: Duration, _ actions: inout [UnitAction]) -> Duration? {
        startedAt = now
        actions.append(.console("Connecting to Wifi"))
        return look(at: now, &actions)
    }

    /// - Returns: When to step next; nil when the unit listens.
    mutating func step(at now: Duration, _ actions: inout [UnitAction]) -> Duration? {
        guard isHalfWay else { return look(at: now, &actions) }
        isHalfWay = false
        actions.append(.console("."))
        return now + .milliseconds(500)
    }

    private mutating func look(at now: Duration, _ actions: inout [UnitAction]) -> Duration? {
        guard now - startedAt >= station.association else {
            isHalfWay = true
            return now + .milliseconds(500)
        }
        for line in [
            "", "Connected to \(station.ssid)", "IP address: \(station.address)",
            "Open Telnet and connect to IP:\(station.address) on port 8888",
        ] {
            actions.append(.console(line))
        }
        return nil
    }
}
