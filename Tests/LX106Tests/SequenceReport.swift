import LX106

/// What is to be read when the two differ.
enum SequenceReport {
    private static let names =
        (0..<16).map { "a\($0)" } + [
            "sar", "ps", "epc1", "epc2", "epc3", "depc", "eps2", "eps3", "excsave1", "litbase", "exccause", "excvaddr",
            "debugcause", "intenable", "interrupt", "end",
        ]

    static func text(_ sequence: Sequence, theirs: SequenceImage.Outcome, ours: SequenceImage.Outcome) -> String {
        var lines = ["seed \(sequence.seed), record \(sequence.record.map(hex).joined(separator: " "))"]
        lines += disassembly(sequence)
        for (index, name) in names.enumerated() {
            let (their, our) = (theirs.registers[index], ours.registers[index])
            lines.append("\(name): QEMU \(hex(their)), ours \(hex(our))\(their == our ? "" : "  <--")")
        }
        for index in theirs.scratch.indices where theirs.scratch[index] != ours.scratch[index] {
            lines.append("scratch[\(index)]: QEMU \(theirs.scratch[index]), ours \(ours.scratch[index])")
        }
        return lines.joined(separator: "\n")
    }

    private static func disassembly(_ sequence: Sequence) -> [String] {
        var lines: [String] = []
        var place = Int(sequence.record[18] - sequence.slot)
        while place < sequence.bytes.count {
            let bits = (0..<3).reduce(UInt32(0)) { bits, index in
                place + index < sequence.bytes.count
                    ? bits | UInt32(sequence.bytes[place + index]) << (8 * UInt32(index)) : bits
            }
            let address = sequence.slot + UInt32(place)
            let length = Decoder.length(first: sequence.bytes[place])
            lines.append(
                "\(hex(address)): \(hex(length == 2 ? bits & 0xFFFF : bits)) \(Decoder.decode(bits, at: address).text)")
            place += length
        }
        return lines
    }

    private static func hex(_ value: UInt32) -> String { String(value, radix: 16) }
}
