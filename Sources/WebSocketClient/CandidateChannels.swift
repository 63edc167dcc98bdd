import NIOCore
import Synchronization

/// The channels of one attempt to connect. A host with several addresses has several (RFC 8305), and nobody knows which
/// of them lives when the attempt is to be ended.
final class CandidateChannels: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Keeps a channel until it is closed.
    ///
    /// - Returns: False when the attempt was ended; the channel is the caller's to close.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isOpen = state.withLock { state in
            if !state.isClosed { state.channels[id] = channel }
            return !state.isClosed
        }
        if isOpen {
            channel.closeFuture.whenComplete { _ in
                self.state.withLock { $0.channels[id] = nil }
            }
        }
        return isOpen
    }

    /// Closes all channels; no more are taken.
    func close() {
        let channels = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
