/// What a measurement is called from its acceptance to its delivery, however often it is tried and over restarts: the
/// dashboard may forget what comes with a key that it has seen.
public struct OutboxKey: Hashable, Sendable, CustomStringConvertible {
    public let run: RunID
    /// Grows by one from measurement to measurement, over all units and over restarts.
    public let sequence: UInt64

    init(run: RunID, sequence: UInt64) {
        self.run = run
        self.sequence = sequence
    }

    /// Reads the text of ``description``; nil when it is anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let run = RunID(parts[0]), let sequence = UInt64(parts[1]),
            String(sequence) == parts[1]
        else { return nil }
        self.init(run: run, sequence: sequence)
    }

    /// `RUN-SEQUENCE`, as it stands in the header of a delivery: 32 hexadecimal digits, a hyphen, a decimal number.
    public var description: String { "\(run)-\(sequence)" }
}
