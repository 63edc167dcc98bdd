import Dispatch
import Foundation
import Synchronization

/// SIGINT, SIGTERM, and the SIGHUP of a terminal that is closed, while a run goes on: the first one ends it in order, a second one at
/// once. It looks out for them until the process ends, whoever holds it: what is still to be done, such as the report, can be ended too.
package final class Interruption: Sendable {
    private let count = Atomic<Int>(0)
    private let isHungUp = Atomic<Bool>(false)
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
                if number == SIGHUP {
                    // Kernel and shell each send one: nobody has asked twice.
                    isHungUp.store(true, ordering: .relaxed)
                } else if count.add(1, ordering: .relaxed).newValue > 1 {
                    _exit(130)
                }
                stop()
            }
            source.resume()
            return Source(source: source)
        }
        sources.withLock { $0 = made.map(\.source) }
    }

    var hasCome: Bool { count.load(ordering: .relaxed) > 0 || isHungUp.load(ordering: .relaxed) }

    private static func isIgnored(_ handler: __sighandler_t?) -> Bool {
        unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }
}
