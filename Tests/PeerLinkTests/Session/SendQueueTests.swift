import Testing

@testable import PeerLink

struct SendQueueTests {
    private func queue(_ whenFull: SendQueue.WhenFull) -> SendQueue {
        var options = SendQueue.Options()
        (options.messages, options.bytes, options.whenFull) = (3, 10, whenFull)
        return SendQueue(options)
    }

    private func contents(_ queue: SendQueue) -> [ChannelMessage] {
        var queue = queue
        var messages: [ChannelMessage] = []
        while let message = queue.first {
            messages.append(message)
            queue.removeFirst()
        }
        return messages
    }

    @Test("a full queue refuses, by messages and by bytes")
    func refuse() {
        var queue = queue(.refuse)
        #expect(["a", "b", "c", "d"].map { queue.offer(.text($0)) } == [.queued, .queued, .queued, .refused(.full)])
        #expect(contents(queue) == [.text("a"), .text("b"), .text("c")])
        queue.removeFirst()
        #expect(queue.offer(.bytes([UInt8](repeating: 0, count: 9))) == .refused(.full))
        #expect(queue.offer(.bytes([UInt8](repeating: 0, count: 8))) == .queued)
        #expect((queue.count, queue.bytes) == (3, 10))
    }

    @Test("a full queue gives up the oldest for the newest, as many as it needs")
    func dropOldest() {
        var queue = queue(.dropOldest)
        for text in ["a", "bb", "c"] { #expect(queue.offer(.text(text)) == .queued) }
        #expect(queue.offer(.text("12345678")) == .queuedInPlaceOf(2))
        #expect(contents(queue) == [.text("c"), .text("12345678")])
    }

    @Test("a message that is larger than the queue is taken when nothing else waits")
    func large() {
        var queue = queue(.dropOldest)
        _ = queue.offer(.text("a"))
        #expect(queue.offer(.bytes([UInt8](repeating: 1, count: 20))) == .queuedInPlaceOf(1))
        #expect(queue.bytes == 20)
    }

    @Test("a full queue says that the peer is too slow where that is its policy")
    func close() {
        var queue = queue(.close)
        for text in ["a", "b", "c"] { _ = queue.offer(.text(text)) }
        #expect(queue.offer(.text("d")) == .refused(.tooSlow))
    }
}
