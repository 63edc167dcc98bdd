import Foundation

/// The stub loader that the ROM's loader puts into memory: one segment, which clears what else it uses.
public struct StubProgram: Sendable, Equatable {
    /// What it answers to ``LoaderCommand/stubHello``.
    public let version: UInt32
    public let segment: ImageSegment
    public let entry: UInt32
    /// The frame that it says when it starts.
    public static let greeting = Array("IOT1".utf8)
    /// Packets that it keeps at most, and the most bytes of each.
    public static let slots = 16
    public static let slotBytes = 2048
    /// Runs that one job has at most.
    public static let mostRuns = 240

    /// The stub of firmware-spec/stub.
    public static let current = built

    /// The CRC-32 of its code, which it tells of what the ROM has put into memory.
    public var checksum: UInt32 { CRC32.of(segment.data) }

    init(version: UInt32, address: UInt32, entry: UInt32, base64: String) {
        guard let data = Data(base64Encoded: base64) else { preconditionFailure("the stub's resource is damaged") }
        self.version = version
        self.entry = entry
        segment = ImageSegment(address: address, data: Array(data))
    }
}
