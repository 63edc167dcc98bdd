/// The 96 bits that join a STUN response to its request.
public struct TransactionID: Hashable, Sendable {
    let high: UInt32
    let low: UInt64

    /// - Parameter bytes: 12; nil for another number of them.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 12 else { return nil }
        high = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        low = bytes.dropFirst(4).reduce(0) { $0 << 8 | UInt64($1) }
    }

    public init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = random.next()
    }

    public var bytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian, Array.init) + withUnsafeBytes(of: low.bigEndian, Array.init)
    }
}
