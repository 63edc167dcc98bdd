import Foundation
import Glibc
import ServiceLifecycle

/// Ends when this process's stdin is closed, which the kernel does when the parent that holds the other end ends.
///
/// A thread of its own sleeps in read(2). Foundation's `readabilityHandler` will not do: to take it away from inside itself,
/// at the end of the file, now and then crashes in Dispatch.
struct ParentLifetime: Service {
    func run() async throws {
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1024)
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                guard count > 0 || count < 0 && errno == EINTR else { break }
            }
            continuation.finish()
        }
        await cancelWhenGracefulShutdown {
            for await _ in ended {}
        }
    }
}
