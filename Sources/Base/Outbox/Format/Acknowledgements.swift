/// The acknowledged sequences of one segment, as they stand in the file beside it: 16 bytes an entry, little-endian.
///
///      0  first sequence of a range
///      8  how many more follow without a gap, 4 bytes
///     12  CRC-32 of bytes 0 to 11
///
/// An entry that is damaged, or was cut off, is left out: its measurements are delivered again, with the same keys.
enum Acknowledgements {
    static let entryBytes = 16

    /// - Parameter sequences: Ascending, each once.
    static func encode(_ sequences: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        for range in ranges(sequences) {
            let start = bytes.count
            bytes.append(littleEndian: range.lowerBound)
            bytes.append(littleEndian: UInt32(range.upperBound - range.lowerBound))
            let checksum = bytes.withUnsafeBytes { Checksum.of(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            bytes.append(littleEndian: checksum)
        }
        return bytes
    }

    private static func ranges(_ sequences: [UInt64]) -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        for sequence in sequences {
            if let last = ranges.last, last.upperBound + 1 == sequence, sequence - last.lowerBound <= UInt32.max {
                ranges[ranges.count - 1] = last.lowerBound...sequence
            } else {
                ranges.append(sequence...sequence)
            }
        }
        return ranges
    }

    /// The ranges, ascending and apart from one another.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        for place in stride(from: 0, through: bytes.count - entryBytes, by: entryBytes) {
            let entry = UnsafeRawBufferPointer(rebasing: bytes[place..<place + entryBytes])
            let checksum = Checksum.of(UnsafeRawBufferPointer(rebasing: entry[..<12]))
            guard checksum == entry.littleEndian(12, as: UInt32.self) else { continue }
            let first = entry.littleEndian(0, as: UInt64.self)
            let (last, overflow) = first.addingReportingOverflow(UInt64(entry.littleEndian(8, as: UInt32.self)))
            if !overflow { ranges.append(first...last) }
        }
        return merge(ranges.sorted { $0.lowerBound < $1.lowerBound })
    }

    private static func merge(_ sorted: [ClosedRange<UInt64>]) -> [ClosedRange<UInt64>] {
        var merged: [ClosedRange<UInt64>] = []
        for range in sorted {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

/// Asks ascending sequences whether they are in ascending ranges, in one pass.
struct RangeCursor {
    private var rest: ArraySlice<ClosedRange<UInt64>>

    init(_ ranges: [ClosedRange<UInt64>]) {
        rest = ranges[...]
    }

    /// - Parameter sequence: Not smaller than those before.
    mutating func contains(_ sequence: UInt64) -> Bool {
        while let first = rest.first, first.upperBound < sequence { rest.removeFirst() }
        return rest.first?.contains(sequence) ?? false
    }
}
