import Channels
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct RequestDispatcherTests {
    /// Runs `body` with a store that holds two lamps, 1 at 10.0.0.1 and 2 at 10.0.0.2.
    private func withLamps(_ body: (Store) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try Store(in: StateDirectory(url: directory))
            for number in 1...2 {
                _ = try await store.addDevice(
                    uuid: UUID(), name: "lamp-\(number)", kind: .updatable,
                    address: IPv4Address("10.0.0.\(number)"), active: true)
            }
            try await body(store)
            try store.close()
        }
    }

    private func dispatcher(
        _ store: Store, _ broker: ListeningBase, limits: MeasurementWriter.Limits = .init(),
        masterKey: EncryptionMasterKey? = nil, requests: DeviceRequests = DeviceRequests()
    ) throws -> RequestDispatcher {
        let channel = try RequestChannel(masterKey: masterKey)
        return RequestDispatcher(
            store: store, writer: MeasurementWriter(store: store, limits: limits), broker: broker, channel: channel,
            requests: requests, logger: Logger(label: "test"), now: { Timestamp(milliseconds: 1000) })
    }

    private func value(of device: Int64, in store: Store) async throws -> String? {
        try await store.device(device)?.lastState?.value
    }

    @Test("a command that a base was told of is dispatched, and kept")
    func dispatched() async throws {
        try await withLamps { store in
            let base = ListeningBase()
            let result = try await dispatcher(store, base).dispatch(Command(payload: "red"), to: 1)
            #expect(result == .init(id: .integer(1000), listeners: 1, recorded: true))
            #expect(base.heard == [#"{"id":1000,"ip":"10.0.0.1","payload":"red"}"#])
            #expect(try await value(of: 1, in: store) == "red")
        }
    }

    @Test(
        "a base's answer finds its request, though it comes before the dispatch has ended; the next request has a new number"
    )
    func answeredAtOnce() async throws {
        try await withLamps { store in
            let base = ListeningBase(slow: "10.0.0.1")
            let requests = DeviceRequests()
            let dispatcher = try dispatcher(store, base, requests: requests)
            async let first = dispatcher.dispatch(Command(payload: "red"), to: 1)
            await base.waitUntilSlow()
            let known = await requests.all
            #expect(known.map(\.device) == [1])
            #expect(known.map(\.request.result) == [.sent])
            let request = try #require(known.first?.request)
            let answer = DeviceRequest(
                id: request.id, result: .acknowledged, milliseconds: 3, at: Timestamp(milliseconds: 1001))
            #expect(await requests.take(answer, of: 1))
            base.release()
            #expect(try await first.id == request.id)
            #expect(await requests.all.map(\.request) == [answer])
            #expect(try await dispatcher.dispatch(Command(payload: "blue"), to: 1).id == .integer(1001))
        }
    }

    @Test("CH-008: where the hub encrypts, each request is sealed with a nonce of its own, and nothing goes in clear")
    func encrypted() async throws {
        try await withLamps { store in
            let base = ListeningBase(channel: HubChannel.encryptedRequests)
            let masterKey = try #require(EncryptionMasterKey(0..<32))
            let dispatcher = try dispatcher(store, base, masterKey: masterKey)
            for _ in 1...2 { _ = try await dispatcher.dispatch(Command(payload: "red"), to: 1) }
            let boxes = try base.heard.map { text in
                try #require(SealedBox(json: JSONValue(text: text, limits: JSONLimits(maximumBytes: 1000))))
            }
            #expect(Set(boxes.map(\.nonce)).count == 2)
            let key = AppCredentials.sharedSecret(
                channel: try ChannelName("private-encrypted-requests"), masterKey: masterKey)
            #expect(
                boxes.map { $0.opened(with: key).map { String(decoding: $0, as: UTF8.self) } } == [
                    #"{"id":1000,"ip":"10.0.0.1","payload":"red"}"#, #"{"id":1001,"ip":"10.0.0.1","payload":"red"}"#,
                ])
        }
    }

    @Test("where one of hub and base encrypts and the other does not, the error says what to do")
    func encryptedForNobody() async throws {
        try await withLamps { store in
            await #expect(throws: APIError.noPlainBase) {
                try await dispatcher(store, ListeningBase(channel: HubChannel.encryptedRequests))
                    .dispatch(Command(payload: "red"), to: 1)
            }
            let masterKey = try #require(EncryptionMasterKey(0..<32))
            await #expect(throws: APIError.noEncryptedBase) {
                try await dispatcher(store, ListeningBase(), masterKey: masterKey)
                    .dispatch(Command(payload: "red"), to: 1)
            }
        }
    }

    @Test("a command that a base was told of and that cannot be kept is no error, or it would be sent twice")
    func notRecorded() async throws {
        try await withLamps { store in
            let base = ListeningBase()
            let result = try await dispatcher(store, base, limits: .init(waiting: 0))
                .dispatch(Command(payload: "red"), to: 1)
            #expect(result == .init(id: .integer(1000), listeners: 1, recorded: false))
            #expect(base.heard.count == 1)
            #expect(try await value(of: 1, in: store) == nil)
        }
    }

    @Test("without a base nothing is kept, and the error says so")
    func noBase() async throws {
        try await withLamps { store in
            await #expect(throws: APIError.noBase) {
                try await dispatcher(store, ListeningBase(listeners: 0)).dispatch(Command(payload: "red"), to: 1)
            }
            let kept = try await value(of: 1, in: store)
            #expect(kept == nil)
        }
    }

    @Test("lamps do not wait for one another; the commands of one lamp do")
    func turns() async throws {
        try await withLamps { store in
            let base = ListeningBase(slow: "10.0.0.1")
            let dispatcher = try dispatcher(store, base)
            async let slow = dispatcher.dispatch(Command(payload: "red"), to: 1)
            await base.waitUntilSlow()
            async let next = dispatcher.dispatch(Command(payload: "blue"), to: 1)
            let other = try await deadline(.seconds(90), "the other lamp's command") {
                try await dispatcher.dispatch(Command(payload: "green"), to: 2)
            }
            base.release()
            let results = try await [other, slow, next]
            #expect(results.map(\.id) == [.integer(1001), .integer(1000), .integer(1002)])
            #expect(results.allSatisfy { $0.listeners == 1 && $0.recorded })
            #expect(try await value(of: 1, in: store) == "blue")
            #expect(
                base.heard == [
                    #"{"id":1001,"ip":"10.0.0.2","payload":"green"}"#,
                    #"{"id":1000,"ip":"10.0.0.1","payload":"red"}"#,
                    #"{"id":1002,"ip":"10.0.0.1","payload":"blue"}"#,
                ])
        }
    }
}

/// A broker with a base behind it that takes its time for the first request to one address.
private final class ListeningBase: EventBroker {
    private let count: Int
    private let slow: String?
    private let requests = Mutex<[String]>([])
    private let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    private let (released, go) = AsyncStream.makeStream(of: Void.self)

    private let channel: String

    init(listeners: Int = 1, slow: String? = nil, channel: String = HubChannel.requests) {
        count = listeners
        self.channel = channel
        self.slow = slow
    }

    /// The data of all requests, in the order in which they were passed on.
    var heard: [String] { requests.withLock { $0 } }

    func waitUntilSlow() async { await begun.first { _ in true } }
    func release() { go.finish() }

    func publish(_ event: String, data: String, on channel: String) async -> Int {
        guard channel == self.channel else { return 0 }
        if let slow, data.contains(slow) {
            begin.finish()
            for await _ in released {}
        }
        requests.withLock { $0.append(data) }
        return count
    }

    func listeners(on channel: String) async -> Int { channel == self.channel ? count : 0 }
}
