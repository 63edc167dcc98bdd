extension Duration {
    /// In whole milliseconds, towards zero.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    var seconds: Double { self / .seconds(1) }

    /// In seconds with three digits behind the point, such as `12.034`.
    var stamp: String {
        let whole = milliseconds
        let fraction = String(whole.magnitude % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.count)
        return "\(whole < 0 ? "-" : "")\(whole.magnitude / 1000).\(zeros)\(fraction)"
    }
}
