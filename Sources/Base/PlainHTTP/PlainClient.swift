import NIOCore
import Synchronization

/// Sends requests to one plain HTTP server, over some connections on each event loop, so that no core has to carry all of them.
final class PlainClient: Sendable {
    let origin: PlainOrigin
    private let parts: [Part]
    /// Requests under way on each of the event loops.
    private let load: Mutex<[Int]>

    private struct Part {
        let connections: PlainConnectionPool
        let most: Int
    }

    /// - Parameters:
    ///   - most: Connections, and requests under way, at a time.
    ///   - timeout: From a request to the end of its answer; kept to a tenth of it.
    ///   - answerLimit: The most bytes of an answer's body.
    ///   - idleLimit: How long a connection is kept that nobody needs: less than the time after which a firewall on the way
    ///     may forget it.
    init(
        origin: PlainOrigin, most: Int, timeout: Duration, answerLimit: Int, idleLimit: Duration = .seconds(60),
        group: any EventLoopGroup
    ) {
        self.origin = origin
        let loops = Array(group.makeIterator().prefix(most))
        parts = loops.enumerated().map { number, loop in
            let share = most / loops.count + (number < most % loops.count ? 1 : 0)
            let connections = PlainConnectionPool(
                origin: origin, most: share, timeout: timeout, answerLimit: answerLimit, idleLimit: idleLimit,
                loop: loop)
            return Part(connections: connections, most: share)
        }
        load = Mutex([Int](repeating: 0, count: loops.count))
    }

    /// From any thread. The request's end is called later, never from within this call, on one of the event loops.
    func send(_ request: PlainRequest) {
        let number = reserve()
        var request = request
        let end = request.end
        request.end = { [self] result in
            load.withLock { $0[number] -= 1 }
            end(result)
        }
        parts[number].connections.send(request)
    }

    /// The event loop that is here, where it has room: what follows an answer stays on its core. Else the one with the least
    /// to do, which refuses what is too much.
    private func reserve() -> Int {
        let here = parts.firstIndex { $0.connections.loop.inEventLoop }
        return load.withLock { load in
            let free = here.flatMap { load[$0] < parts[$0].most ? $0 : nil }
            let number = free ?? load.indices.min { load[$0] < load[$1] } ?? 0
            load[number] += 1
            return number
        }
    }

    /// Gives up what is under way. What is sent from now on fails.
    func close() async {
        for part in parts { await part.connections.close() }
    }
}
