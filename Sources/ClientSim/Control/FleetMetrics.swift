/// A snapshot in the text format of Prometheus (version 0.0.4).
struct FleetMetrics {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    init(_ snapshot: FleetSnapshot) {
        let counts = snapshot.counts
        family("iot_sim_units", "gauge", "Units by what they are doing.")
        for (state, count) in [
            ("waiting", counts.waiting), ("booting", counts.booting), ("listening", counts.listening),
            ("served", counts.served),
        ] { line("iot_sim_units", "{state=\"\(state)\"}", count) }
        value("iot_sim_faulty_units", "gauge", "Units that have one or more faults at the moment.", counts.faulty)
        value("iot_sim_workers", "gauge", "Processes that run the units.", snapshot.workers)
        value(
            "iot_sim_silent_workers", "gauge", "Processes that have not answered; their units are not counted.",
            snapshot.silentWorkers)
        value("iot_sim_lines_total", "counter", "Lines that units have sent.", counts.lines)
        value("iot_sim_bytes_total", "counter", "Bytes that have gone to clients.", counts.bytes)
        value("iot_sim_connects_total", "counter", "Clients that were served.", counts.connects)
        value("iot_sim_ends_total", "counter", "Connections that a client or the firmware has ended.", counts.ends)
        value("iot_sim_cuts_total", "counter", "Connections that a fault has ended.", counts.cuts)
        value("iot_sim_shows_total", "counter", "How often lamps have set their pixels.", counts.shows)
        value(
            "iot_sim_failed_accepts_total", "counter", "Clients that could not be taken for want of descriptors.",
            counts.failedAccepts)
        family("iot_sim_faults_total", "counter", "How often a fault has begun at a unit.")
        for (fault, count) in counts.faults.sorted(by: { $0.key < $1.key }) {
            line("iot_sim_faults_total", "{fault=\"\(fault)\"}", count)
        }
        family("iot_sim_timer_lag_seconds", "histogram", "How late the units' timers came.")
        for limit in Self.lagLimits {
            let count = snapshot.lag.count(upTo: limit)
            line("iot_sim_timer_lag_seconds_bucket", "{le=\"\(Double(limit) / 1e6)\"}", count)
        }
        line("iot_sim_timer_lag_seconds_bucket", "{le=\"+Inf\"}", snapshot.lag.count)
        line("iot_sim_timer_lag_seconds_count", "", snapshot.lag.count)
    }

    /// In microseconds.
    private static let lagLimits = [
        250, 500, 1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000, 200_000,
        500_000, 1_000_000,
    ]

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: String, _ value: Int) {
        text += "\(name)\(labels) \(value)\n"
    }

    private mutating func value(_ name: String, _ type: String, _ help: String, _ value: Int) {
        family(name, type, help)
        line(name, "", value)
    }
}
