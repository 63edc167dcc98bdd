/// What a sink has received of one unit that counts, beside what the unit has measured.
struct SequenceProof: Equatable {
    private var seen: [UInt64] = []
    private var last = -1
    private(set) var received = 0
    private(set) var duplicates = 0
    /// Values that came after a greater one, for the first time.
    private(set) var late = 0
    /// Values that the unit has not measured.
    private(set) var foreign = 0
    let measured: Int

    init(measured: Int) {
        self.measured = measured
    }

    mutating func receive(_ value: Int) {
        guard value >= 0, value < measured else {
            foreign += 1
            return
        }
        let (word, bit) = value.quotientAndRemainder(dividingBy: 64)
        if word >= seen.count { seen += Array(repeating: 0, count: word + 1 - seen.count) }
        if seen[word] & (1 << UInt64(bit)) != 0 {
            duplicates += 1
            return
        }
        seen[word] |= 1 << UInt64(bit)
        received += 1
        if value < last { late += 1 }
        last = max(last, value)
    }

    var lost: Int { measured - received }

    /// The first values that are missing.
    func firstLost(_ count: Int) -> [Int] {
        var lost: [Int] = []
        var value = 0
        while value < measured, lost.count < count {
            let (word, bit) = value.quotientAndRemainder(dividingBy: 64)
            if word >= seen.count || seen[word] & (1 << UInt64(bit)) == 0 { lost.append(value) }
            value += 1
        }
        return lost
    }

    /// What is wrong, in words; nil where nothing is.
    var failure: String? {
        var parts: [String] = []
        if lost > 0 {
            let first = firstLost(5).map(String.init).joined(separator: ", ")
            parts.append("\(lost) of \(measured) lost (\(first)\(lost > 5 ? ", …" : ""))")
        }
        if duplicates > 0 { parts.append("\(duplicates) came twice") }
        if late > 0 { parts.append("\(late) came after a later one") }
        if foreign > 0 { parts.append("\(foreign) were never measured") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
