import Foundation
import NIOConcurrencyHelpers

/// Writes objects as lines of JSON to stdout, whole, from any thread.
final class ProbeOutput: Sendable {
    private let lock = NIOLock()

    func say(_ object: [String: Any]) {
        guard let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]) else { return }
        lock.withLock { try? FileHandle.standardOutput.write(contentsOf: data + Data("\n".utf8)) }
    }
}
