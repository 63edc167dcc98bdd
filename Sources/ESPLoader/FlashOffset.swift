/// A place in the flash, in bytes from its start; below 16 MiB, the most that an ESP8266's flash has.
public struct FlashOffset: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let bytes: Int

    /// The end of the largest flash.
    public static let limit = 16 << 20

    /// Nil below 0 and from `limit` on.
    public init?(bytes: Int) {
        guard (0..<Self.limit).contains(bytes) else { return nil }
        self.bytes = bytes
    }

    /// The place `bytes` further; nil where no flash reaches.
    public func advanced(by bytes: Int) -> FlashOffset? { FlashOffset(bytes: self.bytes + bytes) }

    public static func < (one: FlashOffset, other: FlashOffset) -> Bool { one.bytes < other.bytes }

    public var isAtSector: Bool { bytes.isMultiple(of: FlashGeometry.sectorBytes) }

    public var description: String { "0x" + String(bytes, radix: 16) }
}
