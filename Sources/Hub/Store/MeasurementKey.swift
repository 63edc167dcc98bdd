/// What a base calls a measurement, the same each time it is sent: `RUN-SEQUENCE`, the run as 32 hex digits, the sequence as
/// a decimal number of at most 18 digits.
struct MeasurementKey: Hashable, Sendable {
    let run: String
    let sequence: Int64

    /// Nil for anything else; other senders' keys are not ours to judge.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 32, parts[0].utf8.allSatisfy(Self.isHexDigit),
            (1...18).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let sequence = Int64(parts[1])
        else { return nil }
        run = String(parts[0])
        self.sequence = sequence
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
