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
        guard let age = Self.age(of: message) else { return }
        ages.withLockedValue { $0.append(age) }
    }

    /// In nanoseconds: of this probe's own texts, or of a live sample, which has milliseconds since 1970 in its bytes 4 to 11 (docs/live.md).
    private static func age(of message: ChannelMessage) -> UInt64? {
        switch message {
        case .text(let text): UInt64(text).map { now - $0 }
        case .bytes(let bytes):
            bytes.count != 20
                ? nil
                : UInt64(
                    max(
                        0,
                        Date().timeIntervalSince1970 * 1e9
                            - Double(bitPattern: bytes[4..<12].reversed().reduce(0) { $0 << 8 | UInt64($1) }) * 1e6))
        }
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
