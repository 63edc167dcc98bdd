import Foundation
import Synchronization

/// A worker's stdout: answers always get out; reports only as long as the reader keeps up, and those that do not are counted.
final class WorkerOutput: Sendable {
    private struct State {
        var waiting = Data()
        var dropped = 0
        var isFinished = false
    }

    /// So many bytes may wait before reports are dropped.
    private static let limit = 4 * 1024 * 1024
    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    private let written = DispatchSemaphore(value: 0)

    init() {
        Thread.detachNewThread { [self] in write() }
    }

    var dropped: Int { state.withLock { $0.dropped } }

    func report(_ line: WorkerLine) {
        let bytes = Data((line.text + "\n").utf8)
        let wasEmpty = state.withLock { state in
            let wasEmpty = state.waiting.isEmpty
            if state.waiting.count < Self.limit { state.waiting += bytes } else { state.dropped += 1 }
            return wasEmpty
        }
        if wasEmpty { filled.signal() }
    }

    func answer(_ answer: WorkerAnswer) throws {
        let bytes = Data("a ".utf8) + (try JSONEncoder().encode(answer)) + Data("\n".utf8)
        state.withLock { $0.waiting += bytes }
        filled.signal()
    }

    /// Waits until all is written, or nobody reads any more.
    func finish() {
        state.withLock { $0.isFinished = true }
        filled.signal()
        written.wait()
    }

    private func write() {
        while true {
            filled.wait()
            let (bytes, isFinished) = state.withLock { state in
                defer { state.waiting = Data() }
                return (state.waiting, state.isFinished)
            }
            do {
                try FileHandle.standardOutput.write(contentsOf: bytes)
            } catch {
                // The parent has gone; stdin tells the same.
                break
            }
            if isFinished { break }
        }
        written.signal()
    }
}
