import TerminalText
import UnitProtocol

/// What a person sees of a running fleet: numbers, and each lamp as a patch of its colour.
struct FleetView {
    /// What has changed since the picture before.
    struct Rates: Equatable {
        var lines = 0.0
        var connects = 0.0

        init() {}

        init(from before: FleetSnapshot, to now: FleetSnapshot) {
            let seconds = (now.at - before.at) / .seconds(1)
            guard seconds > 0 else { return }
            lines = Double(now.counts.lines - before.counts.lines) / seconds
            connects = Double(now.counts.connects - before.counts.connects) / seconds
        }
    }

    var snapshot: FleetSnapshot
    var rates: Rates
    /// What lamps show, by the number of the unit; those that are missing are dark.
    var colors: [Int: Color]
    /// The numbers of the lamps, in their order.
    var lamps: [Int]

    /// The lines of the picture, none wider than `width`, no more than `height`.
    func lines(width: Int, height: Int) -> [String] {
        let counts = snapshot.counts
        var lines = [
            "\(counts.units) units in \(processes), for \(Int(snapshot.at / .seconds(1))) s",
            "waiting \(counts.waiting)  booting \(counts.booting)  listening \(counts.listening)  "
                + "served \(counts.served)  faulty \(counts.faulty)",
            "\(Self.whole(rates.lines)) lines/s  \(Self.whole(rates.connects)) connects/s  "
                + "\(counts.lines) lines in all",
            "timers late by \(Self.milliseconds(snapshot.lag.quantile(0.5))) (half), "
                + "\(Self.milliseconds(snapshot.lag.quantile(0.99))) (99 %), "
                + "\(Self.milliseconds(snapshot.lag.maximum)) (at most)",
        ]
        if !counts.faults.isEmpty {
            let faults = counts.faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("faults: " + faults.joined(separator: "  "))
        }
        lines = lines.map { $0.cut(to: width) }
        if !lamps.isEmpty { lines += heatMap(width: width, height: max(0, height - lines.count)) }
        return Array(lines.prefix(height))
    }

    private var processes: String {
        let all = snapshot.workers == 1 ? "one process" : "\(snapshot.workers) processes"
        return snapshot.silentWorkers == 0 ? all : "\(all), of which \(snapshot.silentWorkers) do not answer"
    }

    /// A column and half a row for each lamp: the upper one is the character's colour, the lower its ground.
    private func heatMap(width: Int, height: Int) -> [String] {
        guard width > 0, height > 0 else { return [] }
        var rows: [String] = []
        var first = 0
        while first < lamps.count, rows.count < height {
            var row = ""
            for column in first..<min(first + width, lamps.count) {
                let upper = colors[lamps[column]] ?? .black
                row += "\u{1B}[38;2;\(Self.numbers(upper))m"
                if column + width < lamps.count {
                    row += "\u{1B}[48;2;\(Self.numbers(colors[lamps[column + width]] ?? .black))m"
                }
                row += "▀"
            }
            rows.append(row + "\u{1B}[0m")
            first += 2 * width
        }
        return rows
    }

    private static func numbers(_ color: Color) -> String { "\(color.red);\(color.green);\(color.blue)" }

    private static func whole(_ number: Double) -> String { "\(Int(number.rounded()))" }

    private static func milliseconds(_ microseconds: Int) -> String {
        "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
    }
}
