import Dispatch
import Foundation
import Synchronization

/// SIGINT, SIGTERM, and the SIGHUP of a terminal that is closed, while a run goes on: the first one ends it in order, a second SIGINT or
/// a second SIGTERM at once. One of each is asked once: so GitHub's runners cancel a job. It looks out for them until the process ends,
/// whoever holds it: what is still to be done, such as the report, can be ended too.
package final class Interruption: Sendable {
    private let counts = Mutex<[Int32: Int]>([:])
    private let sources: Mutex<[any DispatchSourceSignal]>

    package init(_ stop: @escaping @Sendable () -> Void) {
        sources = Mutex([])
        let made = [SIGINT, SIGTERM, SIGHUP].compactMap { number -> Source? in
            let before = signal(number, SIG_IGN)
            // Under nohup the run is to outlive its terminal.
            if number == SIGHUP, Self.isIgnored(before) { return nil }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                // Held by its own sources, of which nothing is ever let go.
                let count = counts.withLock { counts in
                    counts[number, default: 0] += 1
                    return counts[number, default: 0]
                }
                // Kernel and shell each send a SIGHUP: nobody has asked twice.
                if count > 1, number != SIGHUP { _exit(130) }
                stop()
            }
            source.resume()
            return Source(source: source)
        }
        sources.withLock { $0 = made.map(\.source) }
    }

    var hasCome: Bool { counts.withLock { !$0.isEmpty } }

    private static func isIgnored(_ handler: __sighandler_t?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }
}
