import TestSupport
import Testing

@testable import Hub

/// Peers that come, go and say anything, in any order.
@Suite("Signalling, fuzzed")
struct SignallingFuzzTests {
    private static let names = ["unit-1", "unit-2", "ann", "bob", "carol"]
    private static let kinds = [
        "OFFER", "ANSWER", "CANDIDATE", "LEAVE", "EXPIRE", "RELAY", "CONTROL", "HEARTBEAT", "NONSENSE",
    ]
    private static let rights: [PeerRights?] = [.everything, .devices, .device(1), .watching(1), .watching(nil), nil]

    @Test(
        "Nothing is ever sent to a connection that is closed, and nothing stays when all have gone", arguments: 1...20)
    func anything(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var limits = SignallingServer.Limits()
        limits.peers = 4
        limits.messagesPerSecond = 50
        limits.queuedMessages = 3
        var server = SignallingServer(limits: limits)
        var open: Set<UInt64> = []
        var last: UInt64 = 0
        for step in 0..<2000 {
            let now = Duration.milliseconds(step * 40)
            let input: SignallingServer.Input
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                last += 1
                open.insert(last)
                input = .connected(
                    .init(number: last), Self.request(&random), Self.rights.randomElement(using: &random) ?? nil)
            case 2:
                guard let gone = open.sorted().randomElement(using: &random) else { continue }
                open.remove(gone)
                input = .disconnected(.init(number: gone))
            case 3: input = .wake
            default:
                guard let speaker = open.sorted().randomElement(using: &random) else { continue }
                input = .received(.init(number: speaker), text: Self.text(&random))
            }
            for action in server.on(input, at: now) {
                switch action {
                case .send(let id, _), .stream(let id, _), .pass(let id, _, _, _):
                    #expect(open.contains(id.number), "seed \(seed), step \(step)")
                case .close(let id): #expect(open.remove(id.number) != nil, "seed \(seed), step \(step)")
                case .wake(let moment): #expect(moment > now)
                }
            }
        }
        for number in open { _ = server.on(.disconnected(.init(number: number)), at: .seconds(80)) }
        _ = server.on(.wake, at: .seconds(100))
        #expect(server.peers.isEmpty && server.watchers.isEmpty && server.relayed.isEmpty && server.queues.isEmpty)
        #expect(server.queuedBytes == 0 && server.queuedBytesOf.isEmpty)
    }

    private static func request(_ random: inout SeededRandom) -> SignallingRequest {
        SignallingRequest(
            key: "peerjs", id: names.randomElement(using: &random), token: ["a", "b"].randomElement(using: &random),
            wantsPresence: Bool.random(using: &random))
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let kind = kinds.randomElement(using: &random) ?? ""
        guard Bool.random(using: &random) || Bool.random(using: &random) else { return #"{"type":"\#(kind)"}"# }
        return #"{"type":"\#(kind)","dst":"\#(names.randomElement(using: &random) ?? "")","payload":[1]}"#
    }
}
