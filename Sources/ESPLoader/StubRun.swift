/// Sectors one behind the other with which our stub does the same.
public struct StubRun: Sendable, Equatable {
    public var sectors: Range<Int>
    public var isErased: Bool
    /// Whether the job's stream has bytes for them.
    public var isWritten: Bool

    /// - Parameter sectors: At least one, below 4096.
    public init(sectors: Range<Int>, isErased: Bool, isWritten: Bool) {
        precondition(
            !sectors.isEmpty && sectors.lowerBound >= 0 && sectors.upperBound <= 4096, "a flash has 4096 sectors")
        self.sectors = sectors
        self.isErased = isErased
        self.isWritten = isWritten
    }

    /// As it stands in the command: the first sector, the number less one, and what is done.
    var word: UInt32 {
        UInt32(sectors.lowerBound) | UInt32(sectors.count - 1) << 12 | (isErased ? 1 << 24 : 0)
            | (isWritten ? 1 << 25 : 0)
    }

    /// What makes the flash hold `wanted`, sector by sector from `first` on: those that are right already stay, and what is
    /// blank is not erased, or not written.
    ///
    /// - Parameter found: The digest of each sector as it is; nil where nothing is known of it.
    public static func runs(first: Int, wanted: [[UInt8]], found: [SectorDigest?]) -> [StubRun] {
        var runs: [StubRun] = []
        for (index, bytes) in wanted.enumerated() where found[index] == nil || found[index] != SectorDigest(of: bytes) {
            let run = StubRun(
                sectors: first + index..<first + index + 1, isErased: found[index] != .blank,
                isWritten: bytes.contains { $0 != 0xFF })
            if let last = runs.last, last.sectors.upperBound == run.sectors.lowerBound,
                last.isErased == run.isErased, last.isWritten == run.isWritten
            {
                runs[runs.count - 1].sectors = last.sectors.lowerBound..<run.sectors.upperBound
            } else {
                runs.append(run)
            }
        }
        return runs
    }
}
