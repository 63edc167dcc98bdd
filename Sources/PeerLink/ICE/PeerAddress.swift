import Glibc

/// An IP address and a UDP port.
public struct PeerAddress: Hashable, Sendable {
    /// 4 or 16 bytes in network order, the shorter one filled up with zeros.
    private let high: UInt64
    private let low: UInt64
    public let isIPv6: Bool
    public let port: UInt16

    /// - Parameter bytes: 4 or 16, in network order; nil for another number of them.
    public init?(bytes: some Collection<UInt8>, port: UInt16) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        isIPv6 = bytes.count == 16
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
        self.port = port
    }

    init(ipv4 address: UInt32, port: UInt16) {
        (high, low, isIPv6) = (UInt64(address), 0, false)
        self.port = port
    }

    /// - Parameter host: An IPv4 or IPv6 address as text; names are not looked up.
    public init?(host: String, port: UInt16) {
        guard host.utf8.count <= 45, !host.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, host, &bytes) == 1 {
            self.init(bytes: bytes.prefix(4), port: port)
        } else if inet_pton(AF_INET6, host, &bytes) == 1 {
            self.init(bytes: bytes, port: port)
        } else {
            return nil
        }
    }

    /// 4 or 16 bytes in network order.
    public var bytes: [UInt8] {
        let shifts = stride(from: isIPv6 ? 56 : 24, through: 0, by: -8)
        let first = shifts.map { UInt8(truncatingIfNeeded: high >> UInt64($0)) }
        guard isIPv6 else { return first }
        return first + shifts.map { UInt8(truncatingIfNeeded: low >> UInt64($0)) }
    }

    /// The address without the port.
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public var isLoopback: Bool {
        isIPv6 ? high == 0 && low == 1 : high >> 24 == 127
    }

    /// `fe80::/10` or `169.254.0.0/16`.
    public var isLinkLocal: Bool {
        isIPv6 ? high >> 54 == 0xFE80 >> 6 : high >> 16 == 0xA9FE
    }

    /// `0.0.0.0` or `::`.
    public var isWildcard: Bool { high == 0 && low == 0 }
}

extension PeerAddress: CustomStringConvertible {
    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
