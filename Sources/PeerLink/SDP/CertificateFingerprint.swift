/// The SHA-256 of a certificate (RFC 8122, 5).
public struct CertificateFingerprint: Hashable, Sendable {
    /// 32.
    public let bytes: [UInt8]

    /// - Returns: Nil for another number than 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Parses `AB:CD:…`.
    public init?(text: some StringProtocol) {
        let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
        guard pairs.count == 32, pairs.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) }) else {
            return nil
        }
        self.init(bytes: pairs.compactMap { UInt8($0, radix: 16) })
    }

    /// Upper-case hex with colons.
    public var text: String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) }.joined(separator: ":")
    }
}
