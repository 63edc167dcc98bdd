import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM while a run goes on: the first one ends it in order, a second one at once.
final class Interruption: Sendable {
    private let count = Atomic<Int>(0)
    private let sources: Mutex<[any DispatchSourceSignal]>

    init(_ stop: @escaping @Sendable () -> Void) {
        sources = Mutex([])
        let made = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in
                guard let self else { return }
                if count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
                stop()
            }
            source.resume()
            return Source(source: source)
        }
        sources.withLock { $0 = made.map(\.source) }
    }

    var hasCome: Bool { count.load(ordering: .relaxed) > 0 }

    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceSignal
    }
}
