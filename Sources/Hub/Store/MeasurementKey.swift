/// What a base calls a measurement, the same each time it is sent: `RUN-SEQUENCE`, the run as 32 hex digits, the sequence as
/// a decimal number of at most 18 digits.
struct MeasurementKey: Hashable, Sendable {
    let run: BaseRun
    let sequence: Int64

    /// Nil for anything else; other senders' keys are not ours to judge.
    init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard (BaseRun.digits + 2...BaseRun.digits + 19).contains(text.count),
            text[BaseRun.digits] == UInt8(ascii: "-"),
            let run = BaseRun(utf8: UnsafeBufferPointer(rebasing: text[..<BaseRun.digits]))
        else { return nil }
        var sequence: Int64 = 0
        for byte in text[(BaseRun.digits + 1)...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            sequence = sequence * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        self.run = run
        self.sequence = sequence
    }

    init?(_ text: String) {
        var text = text
        guard let key = text.withUTF8({ MeasurementKey(utf8: $0) }) else { return nil }
        self = key
    }
}
