/// How far something is, on one line of a terminal.
struct ProgressLine {
    var phase: FlashEvent.Phase
    var what: String
    /// In bytes; 0 where it is not known.
    var total: Int
    var done = 0

    private static let widest = 24
    private static let narrowest = 8

    /// - Parameters:
    ///   - port: Where there are several boards.
    ///   - seconds: Since it began.
    ///   - columns: Of the terminal. The time left goes last; what there is no room for is left out.
    func text(port: String?, after seconds: Double, columns: Int) -> String {
        // A line that fills the terminal's last column may wrap.
        let room = columns - 1
        let name = port.map { "\($0): " } ?? ""
        let label = "\(name)\(FlashText.present(phase)) \(what)"
        guard total > 0 else { return String(label.prefix(room)) }
        let share = min(1, Double(done) / Double(total))
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? FlashText.time(Double(total - done) / rate) + " left" : nil
        let percent = "\(Int(share * 100)) %"
        let amount = "\(FlashText.size(done)) of \(FlashText.size(total))"
        for words in [
            [percent, amount, "\(FlashText.number(rate / 1000)) kB/s", left], [percent, amount, left], [percent, left],
        ] {
            let tail = words.compactMap(\.self).joined(separator: ", ")
            let width = min(Self.widest, room - label.count - tail.count - 2)
            guard width >= Self.narrowest else { continue }
            let full = Int(share * Double(width))
            let graph = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
            return "\(label) \(graph) \(tail)"
        }
        return String("\(label) \([percent, left].compactMap(\.self).joined(separator: ", "))".prefix(room))
    }
}
