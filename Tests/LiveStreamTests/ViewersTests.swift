import Testing

@testable import LiveStream

struct ViewersTests {
    private let viewers = Viewers()

    private func client(_ id: String, _ state: RemoteClient.State) -> RemoteClient {
        var client = RemoteClient(id: id)
        client.state = state
        return client
    }

    private func send(_ count: Int) {
        for number in 0..<count { viewers.send(LiveSample(sequence: UInt32(number), time: 0, value: 0)) }
    }

    @Test("what the hub took was sent to those who are relayed, what it did not take was left out")
    func counts() {
        viewers.adopt([client("ann", .relayed), client("bob", .waiting)])
        send(3)
        var relayed: [UInt32] = []
        viewers.relay { samples in
            relayed = samples.map(\.sequence)
            return true
        }
        #expect(relayed == [0, 1, 2])
        #expect(viewers.counts(of: "ann") == Viewers.Counts(sent: 3, skipped: 0))
        send(2)
        viewers.relay { _ in false }
        #expect(viewers.counts(of: "ann") == Viewers.Counts(sent: 3, skipped: 2))
        viewers.relay { _ in
            Issue.record("nothing waits")
            return true
        }
        #expect(viewers.counts(of: "bob") == Viewers.Counts())
    }

    @Test("of more than a message holds the oldest are given up, and counted")
    func oldest() {
        viewers.adopt([client("ann", .relayed)])
        send(Viewers.mostWaiting + 2)
        viewers.relay { samples in
            #expect(samples.first?.sequence == 2 && samples.count == Viewers.mostWaiting)
            return true
        }
        #expect(viewers.counts(of: "ann") == Viewers.Counts(sent: Viewers.mostWaiting, skipped: 2))
    }

    @Test("where nobody is relayed nothing waits, and who has gone is counted no more")
    func nobody() {
        viewers.adopt([client("ann", .relayed)])
        send(1)
        viewers.relay { _ in true }
        send(1)
        viewers.adopt([client("bob", .waiting)])
        #expect(!viewers.hasRelayed)
        viewers.relay { _ in
            Issue.record("nothing waits")
            return true
        }
        #expect(viewers.counts(of: "ann") == Viewers.Counts())
    }
}
