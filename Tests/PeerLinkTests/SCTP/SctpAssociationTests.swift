import NIOCore
import TestSupport
import Testing

@testable import PeerLink

/// Two associations in memory, on the loop that usrsctp is confined to.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SctpAssociationTests {
    /// One side, and what it was told.
    private final class Side {
        private(set) var association: SctpAssociation?
        var outgoing: [[UInt8]] = []
        var events: [SctpAssociation.Event] = []

        init(_ settings: SctpSettings) throws {
            association = try SctpAssociation(localPort: 5000, remotePort: 5000, settings: settings) { [unowned self] in
                outgoing.append(Array($0))
            }
        }

        func receive(_ packet: [UInt8]) {
            packet.withUnsafeBytes { association?.receive($0) }
            collect()
        }

        func collect() { events += association?.takeEvents() ?? [] }

        func takeOutgoing() -> [[UInt8]] {
            defer { outgoing = [] }
            return outgoing
        }

        func send(_ bytes: [UInt8], stream: UInt16 = 1) -> SctpAssociation.SendResult? {
            association?.send(bytes, stream: stream, payload: .binary, isOrdered: true, reliability: .reliable)
        }

        func close() { association?.close() }
    }

    private struct Pair {
        let one: Side
        let other: Side

        init(message: Int = 64 * 1024) throws {
            var settings = SctpSettings()
            settings.message = message
            one = try Side(SctpSettings())
            other = try Side(settings)
        }

        func exchange(_ through: ([UInt8]) -> [[UInt8]] = { [$0] }) {
            while !one.outgoing.isEmpty || !other.outgoing.isEmpty {
                for packet in one.takeOutgoing() { through(packet).forEach(other.receive) }
                for packet in other.takeOutgoing() { through(packet).forEach(one.receive) }
            }
        }

        /// Lets the stack's clock go on, and carries what comes of it.
        func pass(milliseconds: UInt32, _ through: ([UInt8]) -> [[UInt8]] = { [$0] }) {
            for _ in 0..<milliseconds / 10 {
                SctpStack.shared.advance(milliseconds: 10)
                one.collect()
                other.collect()
                exchange(through)
            }
        }

        func close() {
            one.close()
            other.close()
        }
    }

    /// Runs on the loop; checks that nothing is left registered.
    private func onLoop(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await PeerLoop.loop.submit {
            let before = SctpStack.shared.count
            try body()
            #expect(SctpStack.shared.count == before)
        }.get()
    }

    private static func message(_ bytes: [UInt8], stream: UInt16 = 1) -> SctpAssociation.Event {
        .message(stream: stream, payload: PayloadKind.binary.rawValue, bytes: bytes)
    }

    @Test("both sides come up, messages of all sizes come whole, and an end is told")
    func messages() async throws {
        try await onLoop {
            let pair = try Pair()
            pair.exchange()
            #expect((pair.one.events, pair.other.events) == ([.up], [.up]))
            for size in [1, 1172, 65_536] {
                #expect(pair.one.send(noise(size, seed: UInt64(size))) == .sent)
                pair.pass(milliseconds: 100)
                #expect(pair.other.events.last == Self.message(noise(size, seed: UInt64(size))))
            }
            pair.one.close()
            for packet in pair.one.takeOutgoing() { pair.other.receive(packet) }
            #expect(pair.other.events.last == .down)
            pair.close()
        }
    }

    @Test("a message beyond the limit is told as such, whole and once, and the next one comes")
    func tooLarge() async throws {
        try await onLoop {
            let pair = try Pair(message: 10_000)
            pair.exchange()
            for size in [10_001, 60_000, 10_000] { #expect(pair.one.send(noise(size, seed: 5)) == .sent) }
            pair.pass(milliseconds: 200)
            #expect(pair.other.events == [.up, .tooLarge, .tooLarge, Self.message(noise(10_000, seed: 5))])
            pair.close()
        }
    }

    @Test(
        "streams that one side resets are told to the other after their messages, also where a reset waits for another")
    func reset() async throws {
        try await onLoop {
            let pair = try Pair()
            pair.exchange()
            let streams: [UInt16] = [7, 8, 9, 1023]
            for stream in streams { #expect(pair.one.send([1], stream: stream) == .sent) }
            var waiting = streams
            for _ in 0..<20 {
                waiting.removeAll { pair.one.association?.reset(stream: $0) ?? false }
                pair.pass(milliseconds: 100)
            }
            #expect(waiting == [])
            var told: Set<UInt16> = []
            for (place, event) in pair.other.events.enumerated() {
                guard case .reset(let reset) = event else { continue }
                told.formUnion(reset)
                for stream in reset {
                    #expect(pair.other.events[..<place].contains(Self.message([1], stream: stream)))
                }
            }
            #expect(told == Set(streams))
            pair.close()
        }
    }

    @Test("packets that are changed, cut off or noise are as if they had been lost", arguments: [1, 2, 3] as [UInt64])
    func hostile(seed: UInt64) async throws {
        try await onLoop {
            var random = SeededRandom(seed: seed)
            let pair = try Pair()
            pair.exchange()
            for number in 0..<200 {
                let bytes = noise(Int.random(in: 1...3000, using: &random), seed: UInt64(number))
                #expect(pair.one.send(bytes) == .sent)
                pair.exchange { packet in
                    // The checksum of SCTP finds a change of one byte always.
                    var changed = packet
                    changed[Int.random(in: packet.indices, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
                    let cut = Array(packet.prefix(Int.random(in: 0..<packet.count, using: &random)))
                    return [changed, cut, noise(Int.random(in: 0...1500, using: &random), seed: random.next()), packet]
                }
                pair.pass(milliseconds: 30)
                #expect(pair.other.events.last == Self.message(bytes), "\(number)")
            }
            #expect(pair.other.events.count == 201)
            #expect(pair.one.events == [.up])
            pair.close()
        }
    }

    @Test("chunks that the protocol has not, with a checksum that is right, bring no one down but their sender")
    func forged() async throws {
        try await onLoop {
            var random = SeededRandom(seed: 4)
            for _ in 0..<300 {
                let pair = try Pair()
                pair.exchange()
                #expect(pair.one.send([1]) == .sent)
                let packets = pair.one.takeOutgoing()
                guard let header = packets.first?.prefix(8) else { continue }
                for _ in 0..<20 {
                    var packet = Array(header) + [0, 0, 0, 0]
                    for _ in 0..<Int.random(in: 1...3, using: &random) {
                        let body = noise(Int.random(in: 0...40, using: &random) * 4, seed: random.next())
                        let length =
                            Bool.random(using: &random) ? body.count + 4 : Int.random(in: 0...65_535, using: &random)
                        packet += [
                            UInt8.random(in: 0...255, using: &random), UInt8.random(in: 0...255, using: &random),
                        ]
                        packet += [UInt8(length >> 8), UInt8(length & 0xFF)] + body
                    }
                    pair.other.receive(Crc32c.sealed(packet))
                }
                pair.exchange()
                pair.pass(milliseconds: 50)
                pair.close()
            }
        }
    }
}

/// SCTP's checksum (RFC 9260, appendix A), for packets that a hostile peer makes.
private enum Crc32c {
    static func sealed(_ packet: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in packet {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        var sealed = packet
        sealed.replaceSubrange(8..<12, with: withUnsafeBytes(of: (~crc).littleEndian, Array.init))
        return sealed
    }
}
