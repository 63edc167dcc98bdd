/// How an outbox keeps what waits.
public struct OutboxSettings: Equatable, Sendable {
    /// When an accepted measurement is safe from a power cut. From the end of the process it is safe at once, always.
    public enum SyncPolicy: Equatable, Sendable {
        /// Before it counts as accepted; all that wait are synced together.
        case always
        /// After so long at most.
        case interval(Duration)
        /// When the kernel thinks fit, on Linux usually after half a minute.
        case never
    }

    /// What happens at ``maximumBytes``.
    public enum LimitPolicy: String, Equatable, Sendable, CaseIterable {
        /// The oldest segment's measurements are given up, whatever their unit.
        case dropOldest = "drop-oldest"
        /// What comes is not taken.
        case dropNewest = "drop-newest"
        /// What comes waits for as long as its giver says, and is then not taken. There must be room for all that is appended
        /// together: of a batch larger than what may be kept (in memory ``memoryRecords``) nothing ever is.
        case block
    }

    public var sync = SyncPolicy.interval(.milliseconds(200))
    public var atLimit = LimitPolicy.dropOldest
    /// The most bytes of all files, at least eight segments. Memory: 12 to 24 bytes for each record that waits, which has at
    /// least 45 bytes in its file.
    public var maximumBytes = 256 * 1024 * 1024
    /// What is older is dropped, an eighth of this later at most. The wall clock is asked only when the outbox is opened.
    public var maximumAge: Duration? = .seconds(7 * 86_400)
    /// A segment is closed when it has so many bytes: 4 KiB to 64 MiB.
    public var segmentBytes = 4 * 1024 * 1024
    /// The most records in memory while the disk takes none.
    public var memoryRecords = 10_000
    /// Pauses between attempts to write again while the disk takes nothing: doubling from the first to the second.
    public var probePauses: ClosedRange<Duration> = .seconds(1) ... .seconds(30)
    /// The most records of appends that wait for the outbox's thread; more are not taken.
    public var waitingRecords = 100_000

    public init() {}

    /// The longest time between the first and the last record of a segment that several were gathered into.
    var longestSpan: Duration? { maximumAge.map { $0 / 8 } }

    static let segmentRange = 4096...64 * 1024 * 1024

    /// - Throws: ``OutboxError/settings(_:)``.
    func check() throws {
        guard Self.segmentRange.contains(segmentBytes) else {
            throw OutboxError.settings("segments have 4 KiB to 64 MiB, not \(segmentBytes) bytes")
        }
        guard maximumBytes >= 8 * segmentBytes else {
            throw OutboxError.settings(
                "the files may have \(maximumBytes) bytes, but eight segments of \(segmentBytes) must fit into that")
        }
    }
}
