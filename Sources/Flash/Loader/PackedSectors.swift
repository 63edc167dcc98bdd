import Dispatch
import ESPLoader
import Synchronization

/// The contents of sectors, one behind the other, and packed: made on a thread of its own, while the board tells what it holds.
final class PackedSectors: Sendable {
    /// Raw deflate, empty where there is nothing, and the digest of the contents.
    typealias Result = (stream: [UInt8], digest: SectorDigest)

    /// Which of all sectors they are.
    let indices: [Int]
    private let result = Mutex<Result?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    init(_ indices: [Int], of sectors: [[UInt8]]) {
        self.indices = indices
        DispatchQueue.global().async { [self] in
            let contents = indices.flatMap { sectors[$0] }
            let stream = contents.isEmpty ? [] : Deflate.raw(contents)
            let digest = SectorDigest(of: contents)
            result.withLock { $0 = (stream, digest) }
            isDone.signal()
        }
    }

    /// Waits for it; it takes as long as zlib does.
    func wait() -> Result {
        isDone.wait()
        defer { isDone.signal() }
        guard let result = result.withLock({ $0 }) else { preconditionFailure("it is made before it is told") }
        return result
    }
}
