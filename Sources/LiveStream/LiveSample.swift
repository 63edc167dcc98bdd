import Foundation

/// One value of a stream, as it travels to those who watch (docs/live.md).
public struct LiveSample: Equatable, Sendable {
    /// One more for each sample; begins anew after 2³² − 1.
    public var sequence: UInt32
    /// Milliseconds since 1970 by the device's clock.
    public var time: Double
    public var value: Double

    public init(sequence: UInt32, time: Double, value: Double) {
        self.sequence = sequence
        self.time = time
        self.value = value
    }

    /// How many bytes one takes on a data channel.
    static let size = 20

    /// As on a data channel: sequence, time and value, little-endian.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        withUnsafeBytes(of: sequence.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: time.bitPattern.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
        return bytes
    }
}

extension Date {
    /// As samples and answers say it: milliseconds since 1970.
    public var liveMilliseconds: Double { timeIntervalSince1970 * 1000 }
}
