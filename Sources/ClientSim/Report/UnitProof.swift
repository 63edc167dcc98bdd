/// What a sink has received of one unit, and of the other at its address if there was one.
struct UnitProof: Equatable {
    private(set) var own: SequenceProof
    private(set) var other: SequenceProof

    init(measured: MeasuredLines) {
        own = SequenceProof(measured: measured.own)
        other = SequenceProof(measured: measured.other)
    }

    mutating func receive(_ value: Int) {
        if value >= MeasuredLines.otherStart, other.measured > 0 {
            other.receive(value - MeasuredLines.otherStart)
        } else {
            own.receive(value)
        }
    }

    /// A sum over both.
    func sum(_ number: (SequenceProof) -> Int) -> Int { number(own) + number(other) }

    /// What is wrong, in words; nil where nothing is.
    var failure: String? {
        let parts = [own.failure, other.failure.map { "of the other unit at its address: \($0)" }].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
