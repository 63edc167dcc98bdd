import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import PeerLink

/// Two sides of DTLS in memory. OpenSSL's errors are a thread's, so each test stays on one.
@Suite struct DtlsSessionTests {
    /// One side, and what it was told.
    private final class Side {
        private(set) var session: DtlsSession?
        var outgoing: [[UInt8]] = []
        var events: [DtlsSession.Event] = []
        var data: [[UInt8]] = []

        init(_ context: DtlsContext, _ role: DtlsSession.Role, expecting: [CertificateFingerprint]) throws {
            session = try DtlsSession(context, role: role, expected: expecting) { [unowned self] in
                outgoing.append(Array($0))
            }
        }

        func start() { events += session?.start() ?? [] }

        func receive(_ datagram: [UInt8]) {
            datagram.withUnsafeBytes { bytes in
                session?.receive(bytes) {
                    events.append($0)
                } onData: {
                    data.append(Array($0))
                }
            }
        }

        func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { session?.send($0) } }

        func takeOutgoing() -> [[UInt8]] {
            defer { outgoing = [] }
            return outgoing
        }
    }

    private struct Pair {
        let client: Side
        let server: Side

        /// - Parameter expectingOther: Whether the server waits for another certificate than the client's.
        init(expectingOther: Bool = false) throws {
            let (one, other) = (try DtlsContext(), try DtlsContext())
            client = try Side(one, .client, expecting: [other.certificate.fingerprint])
            let expected = expectingOther ? try LocalCertificate() : one.certificate
            server = try Side(other, .server, expecting: [expected.fingerprint])
            client.start()
        }

        /// Carries datagrams until there are none.
        ///
        /// - Parameter through: What becomes of each on its way: none, one or several.
        func exchange(_ through: ([UInt8]) -> [[UInt8]] = { [$0] }) {
            while !client.outgoing.isEmpty || !server.outgoing.isEmpty {
                for datagram in client.takeOutgoing() { through(datagram).forEach(server.receive) }
                for datagram in server.takeOutgoing() { through(datagram).forEach(client.receive) }
            }
        }

        func connected() -> Pair {
            exchange()
            #expect((client.events, server.events) == ([.connected], [.connected]))
            return self
        }

        /// Whether both sides still understand each other.
        func isAlive() -> Bool {
            let (before, after) = (client.data.count, server.data.count)
            client.send([1, 2, 3])
            server.send([4, 5])
            exchange()
            return client.data.dropFirst(before) == [[4, 5]] && server.data.dropFirst(after) == [[1, 2, 3]]
        }
    }

    @Test("both sides connect, no datagram is larger than any path takes, and each record comes as it was sent")
    func connect() throws {
        let pair = try Pair()
        var longest = 0
        pair.exchange { datagram in
            longest = max(longest, datagram.count)
            return [datagram]
        }
        #expect(longest > 0 && longest <= DtlsSession.mtu)
        #expect((pair.client.events, pair.server.events) == ([.connected], [.connected]))
        for size in [1, 100, 1172] {
            pair.client.send(noise(size, seed: UInt64(size)))
            pair.exchange()
            #expect(pair.server.data.last == noise(size, seed: UInt64(size)))
        }
        #expect(pair.isAlive())
        pair.client.session?.close()
        pair.exchange()
        #expect(pair.server.events == [.connected, .closed])
        #expect(pair.client.events == [.connected])
    }

    @Test("a side whose certificate is not the one expected is refused before anything that it says is read")
    func wrongCertificate() throws {
        let pair = try Pair(expectingOther: true)
        pair.exchange()
        #expect(pair.server.events == [.wrongFingerprint])
        pair.client.send([1, 2, 3])
        pair.exchange()
        #expect(pair.server.data == [])
        #expect(pair.server.events == [.wrongFingerprint])
    }

    @Test("datagrams that come twice or are sent again change nothing")
    func twice() throws {
        let pair = try Pair()
        pair.exchange { [$0, $0] }
        #expect((pair.client.events, pair.server.events) == ([.connected], [.connected]))
        pair.client.send([9])
        pair.exchange { [$0, $0, $0] }
        #expect(pair.server.data == [[9]])
        #expect(pair.isAlive())
    }

    @Test("a record with any byte changed, or cut off anywhere, is as if it had been lost")
    func changedRecords() throws {
        let pair = try Pair().connected()
        pair.client.send(Array("hello".utf8))
        let record = try #require(pair.client.takeOutgoing().first)
        for place in record.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF] {
                var changed = record
                changed[place] ^= change
                pair.server.receive(changed)
                #expect(pair.server.events == [.connected], "byte \(place) changed by \(change)")
            }
            pair.server.receive(Array(record[..<place]))
            #expect(pair.server.events == [.connected], "cut off after \(place)")
        }
        #expect(pair.server.data == [])
        #expect(pair.server.events == [.connected])
        pair.server.receive(record)
        #expect(pair.server.data == [Array("hello".utf8)])
        #expect(pair.isAlive())
    }

    @Test("what is not encrypted is not heard once there are keys: alerts, handshakes, a change of ciphers, noise")
    func unencrypted() throws {
        let pair = try Pair().connected()
        func record(_ type: UInt8, _ body: [UInt8], epoch: UInt8 = 0, number: UInt8 = 99) -> [UInt8] {
            [type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, number, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
        }
        let hostile = [
            record(21, [2, 40]), record(21, [1, 0]), record(21, [2, 0], epoch: 1), record(20, [1]),
            record(22, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), record(22, noise(200, seed: 1)),
            record(22, noise(200, seed: 2), epoch: 1), record(23, noise(50, seed: 3)), record(23, [], epoch: 1),
            record(24, [1, 0xFF, 0xFF]), record(99, [1]), record(23, noise(16, seed: 4), epoch: 7),
        ]
        for datagram in hostile {
            pair.server.receive(datagram)
            pair.client.receive(datagram)
        }
        for seed in 0..<500 {
            pair.server.receive([UInt8(20 + seed % 44)] + noise(seed % 100, seed: UInt64(seed)))
        }
        #expect((pair.client.events, pair.server.events) == ([.connected], [.connected]))
        #expect(pair.isAlive())
    }

    @Test(
        "a handshake with any byte changed connects, waits or fails, and never takes another certificate",
        arguments: 0..<6)
    func changedHandshake(flight: Int) throws {
        var random = SeededRandom(seed: UInt64(flight))
        for _ in 0..<60 {
            let pair = try Pair()
            var number = 0
            pair.exchange { datagram in
                number += 1
                guard number == flight + 1 else { return [datagram] }
                var changed = datagram
                changed[Int.random(in: 13..<max(14, datagram.count), using: &random)] ^= UInt8.random(
                    in: 1...255, using: &random)
                return [changed]
            }
            for side in [pair.client, pair.server] {
                #expect(
                    side.events.allSatisfy { event in
                        if case .failed = event { true } else { event == .connected || event == .closed }
                    })
                #expect(side.data == [])
            }
        }
    }

    @Test("noise in place of a handshake connects nobody, and never crashes")
    func noiseAsHandshake() throws {
        let context = try DtlsContext()
        for seed in 0..<200 {
            let server = try Side(context, .server, expecting: [context.certificate.fingerprint])
            for part in 0..<5 {
                let number = UInt64(seed * 5 + part)
                var bytes = noise(13 + seed * 7 % 1400, seed: number)
                bytes.replaceSubrange(
                    0..<13,
                    with: [
                        22, 254, 253, 0, 0, 0, 0, 0, 0, 0, UInt8(part), UInt8((bytes.count - 13) >> 8),
                        UInt8((bytes.count - 13) & 0xFF),
                    ])
                server.receive(bytes)
                _ = server.session?.tick()
            }
            #expect(!server.events.contains(.connected))
            #expect(server.data == [])
        }
    }
}
