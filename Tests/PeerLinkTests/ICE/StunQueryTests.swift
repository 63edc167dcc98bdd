import TestSupport
import Testing

@testable import PeerLink

struct StunQueryTests {
    @Test("a server is asked until it answers, and again so that the NAT keeps the address; others are not heard")
    func query() throws {
        let server = try #require(PeerAddress(host: "192.0.2.3", port: 3478))
        let outside = try #require(PeerAddress(host: "198.51.100.1", port: 7))
        var query = StunQuery(server: server, random: SeededRandom(seed: 1))
        var asked: [Int] = []
        var last: [UInt8] = []
        func run(_ milliseconds: Range<Int>) {
            for time in stride(from: milliseconds.lowerBound, to: milliseconds.upperBound, by: 50) {
                for case .send(let bytes, server) in query.tick(at: .milliseconds(time)) {
                    asked.append(time)
                    last = bytes
                }
            }
        }
        run(0..<2000)
        #expect(asked == [0, 500, 1500])
        let transaction = try ReceivedStun(last).message.transaction
        let response = try ReceivedStun(
            StunMessage(.success, transaction: transaction, attributes: [.xorMappedAddress(outside)])
                .encoded(password: nil))
        #expect(query.received(response, from: outside, at: .seconds(2)) == nil)
        #expect(query.received(response, from: server, at: .seconds(2)) == [.found(outside)])
        #expect(query.received(response, from: server, at: .seconds(2)) == nil)
        asked = []
        run(2000..<23_000)
        #expect(asked == [22_000, 22_500])
    }
}
