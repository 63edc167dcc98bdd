import Foundation
import NIOConcurrencyHelpers
import PeerLink

/// Sends the time at a steady rate over some channels, and adds up how old such messages are when they come; both sides share one machine's clock.
final class ProbeStream: Sendable {
    private let ages = NIOLockedValueBox<[UInt64]>([])

    private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// Sends to all of `channels` so often a second.
    ///
    /// - Returns: How many messages were not queued.
    static func send(to channels: [DataChannel], perSecond: Int, seconds: Int) -> Int {
        let start = now
        var refused = 0
        for number in 0..<perSecond * seconds {
            let due = start + UInt64(number) * 1_000_000_000 / UInt64(perSecond)
            let early = Int64(due) - Int64(now)
            if early > 0 { usleep(UInt32(early / 1000)) }
            let message = ChannelMessage.text("\(now)")
            for channel in channels where channel.send(message) != .queued { refused += 1 }
        }
        return refused
    }

    func received(_ message: ChannelMessage) {
        guard case .text(let text) = message, let sent = UInt64(text) else { return }
        let age = Self.now - sent
        ages.withLockedValue { $0.append(age) }
    }

    /// In microseconds: how many came, the median and the 99th part of a hundred; begins anew.
    func take() -> (count: Int, median: Int, tail: Int) {
        let sorted = ages.withLockedValue { ages in
            defer { ages = [] }
            return ages.sorted()
        }
        guard !sorted.isEmpty else { return (0, 0, 0) }
        return (sorted.count, Int(sorted[sorted.count / 2] / 1000), Int(sorted[sorted.count * 99 / 100] / 1000))
    }
}
