/// A piece of data and its place in the flash: what every input format comes to.
public struct FlashData: Sendable, Equatable {
    public var offset: FlashOffset
    public var bytes: [UInt8]

    public init(offset: FlashOffset, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }

    /// The number of the sector that it begins in.
    public var firstSector: Int { offset.bytes / FlashGeometry.sectorBytes }

    /// Sector by sector, the last one filled up with FF.
    public var sectors: [[UInt8]] {
        let sector = FlashGeometry.sectorBytes
        return stride(from: 0, to: bytes.count, by: sector).map { place in
            let piece = Array(bytes[place..<min(bytes.count, place + sector)])
            return piece + [UInt8](repeating: 0xFF, count: sector - piece.count)
        }
    }
}
