/// Finds the records in the bytes of a segment, whatever has happened to them.
struct SegmentScan: Equatable {
    /// A piece in which there is no intact record.
    struct Damage: Equatable {
        var offset: Int
        var count: Int
        /// How many records seem to have stood there: at least one.
        var records: Int
    }

    /// Where the last intact record ends, or the header when there is none: a torn tail is cut off here.
    private(set) var end: Int
    /// Pieces before ``end``.
    private(set) var gaps: [Damage] = []
    /// What follows ``end``.
    private(set) var tail: Damage?

    /// - Parameters:
    ///   - bytes: The whole segment.
    ///   - start: Where records begin.
    ///   - visit: Called for each intact record with its place, oldest first.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int, visit: (Int, UnsafeRawBufferPointer) -> Void) {
        end = min(start, bytes.count)
        var place = end
        while place < bytes.count {
            guard let record = OutboxRecord.intact(in: bytes, at: place) else {
                place += 1
                continue
            }
            if place > end { gaps.append(Self.damage(in: bytes, end..<place)) }
            visit(place, record)
            place += record.count
            end = place
        }
        if end < bytes.count { tail = Self.damage(in: bytes, end..<bytes.count) }
    }

    var damages: [Damage] { gaps + (tail.map { [$0] } ?? []) }

    /// Counts what looks like the head of a record, from one to the next by their lengths.
    private static func damage(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Damage {
        var records = 0
        var place = range.lowerBound
        while place < range.upperBound, let length = OutboxRecord.plausibleLength(in: bytes, at: place) {
            records += 1
            place += length
        }
        return Damage(offset: range.lowerBound, count: range.count, records: max(1, records))
    }
}
