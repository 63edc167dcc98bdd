import Foundation
import ServiceLifecycle

/// Ends when standard input ends: the parent holds the other end of the pipe, and the kernel closes it even when the
/// parent was killed.
struct ParentLifetime: Service {
    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in Self.standardInputUntilEnd() {}
        }
    }

    /// Nothing that arrives is kept; only the end counts.
    private static func standardInputUntilEnd() -> AsyncStream<Void> {
        AsyncStream { continuation in
            FileHandle.standardInput.readabilityHandler = { input in
                if input.availableData.isEmpty {
                    input.readabilityHandler = nil
                    continuation.finish()
                }
            }
            continuation.onTermination = { _ in FileHandle.standardInput.readabilityHandler = nil }
        }
    }
}
