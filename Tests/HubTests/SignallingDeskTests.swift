import Foundation
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Hub

/// The signalling's connections: how many there are, and who is cut.
@Suite("Signalling desk")
struct SignallingDeskTests {
    /// What connections are ended with.
    private final class Ends: Sendable {
        let delays = Mutex<[TimeAmount]>([])

        func outbox() -> Outbox { Outbox { delay in self.delays.withLock { $0.append(delay) } } }
    }

    /// A desk of a hub with one device; a token for it; a ticket to watch it.
    private func withDesk(
        connectionsOfAddress: Int = 512,
        _ body: (_ desk: SignallingDesk, _ device: String, _ token: String, _ ticket: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let store = try Store(in: StateDirectory.create(at: folder.appending(path: "hub").path))
            defer { try? store.close() }
            let logger = Logger(label: "test")
            @Sendable func now() -> Timestamp { Timestamp(milliseconds: 1_750_000_000_000) }
            @Sendable func uptime() -> Duration { .zero }
            let id = try await store.addDevice(
                uuid: UUID(), name: "u", kind: .read, address: IPv4Address("10.0.0.1"), active: true
            ).id
            let token = try await store.addToken(name: "device", ability: .device, at: now())
            let key = DeviceTicketKey(appSecret: "secret")
            let accounts = Accounts(
                store: store, passwords: PasswordGate(), logger: logger, now: now, uptime: uptime)
            let desk = SignallingDesk(
                admission: SignallingAdmission(
                    store: store, accounts: accounts,
                    tokens: TokenVerifier(store: store, logger: logger, now: now, uptime: uptime), ticketKey: key,
                    now: now),
                connectionsOfAddress: connectionsOfAddress, uptime: uptime, logger: logger)
            try await body(
                desk, "unit-\(id)", token.text, DeviceTicket(.watch, device: id, madeAt: now()).text(key: key))
        }
    }

    private func request(_ id: String, _ token: String) -> SignallingRequest {
        SignallingRequest(key: SignallingRequest.key, id: id, token: token)
    }

    @Test("An address over its limit is told so and closed until one of its connections has gone; loopback is exempt")
    func connectionsOfAddress() async throws {
        try await withDesk(connectionsOfAddress: 2) { desk, _, _, ticket in
            let ends = Ends()
            func connect(_ id: String, from address: String?) async -> SignallingServer.ConnectionID? {
                await desk.connect(ends.outbox(), request(id, ticket), .init(), from: address)
            }
            let first = try #require(await connect("a", from: "192.0.2.1"))
            // Refused for its token, and counted all the same as long as it is there.
            let second = await desk.connect(ends.outbox(), request("b", "wrong"), .init(), from: "192.0.2.1")
            #expect(second != nil)
            let refused = ends.outbox()
            #expect(await desk.connect(refused, request("c", ticket), .init(), from: "192.0.2.1") == nil)
            let told = await refused.items.reduce(into: []) { $0.append($1) }
            #expect(told == [.text(SignallingMessage.error(.full)), .close(.init(rawValue: 1000), "")])
            #expect(await connect("d", from: "192.0.2.2") != nil)
            await desk.disconnect(first)
            #expect(await connect("e", from: "192.0.2.1") != nil)
            #expect(await connect("f", from: "192.0.2.1") == nil)
            for number in 1...3 { #expect(await connect("g\(number)", from: nil) != nil) }
        }
    }

    @Test("A ticket for a device that the hub has not, or of another hub, is good for nothing")
    func strangeTickets() async throws {
        try await withDesk { desk, _, _, ticket in
            let now = Timestamp(milliseconds: 1_750_000_000_000)
            let gone = DeviceTicket(.watch, device: 999, madeAt: now).text(key: DeviceTicketKey(appSecret: "secret"))
            let other = DeviceTicket(.watch, device: 1, madeAt: now).text(key: DeviceTicketKey(appSecret: "other"))
            for (token, answer) in [
                (gone, SignallingMessage.error(.wrongToken)), (other, SignallingMessage.error(.wrongToken)),
                (ticket, SignallingMessage.open),
            ] {
                let outbox = Ends().outbox()
                _ = await desk.connect(outbox, request("ann", token), .init(), from: nil)
                var items = outbox.items.makeAsyncIterator()
                #expect(await items.next() == .text(answer))
            }
        }
    }

    @Test(
        "A device is not cut for what watchers flood it with, now or while it is away; they are told, and it is reached again"
    )
    func flooded() async throws {
        try await withDesk { desk, device, token, ticket in
            let (ends, watching) = (Ends(), Ends())
            let flood = #"{"type":"OFFER","dst":"\#(device)","payload":"\#(String(repeating: "x", count: 60_000))"}"#
            let watcher = watching.outbox()
            let eve = try #require(await desk.connect(watcher, request("eve", ticket), .init(), from: nil))
            for _ in 0..<60 { await desk.receive(flood, from: eve) }
            let outbox = ends.outbox()
            let unit = try #require(await desk.connect(outbox, request(device, token), .init(), from: nil))
            for _ in 0..<60 { await desk.receive(flood, from: eve) }
            #expect(ends.delays.withLock { $0 } == [])
            var items = outbox.items.makeAsyncIterator()
            #expect(await items.next() == .text(SignallingMessage.open))
            outbox.written(SignallingMessage.open)
            var offers = 0
            for _ in 0..<8 {
                guard case .text(let text)? = await items.next() else { break }
                outbox.written(text)
                offers += text.contains("OFFER") ? 1 : 0
            }
            #expect(offers == 8)
            let small = #"{"type":"OFFER","dst":"\#(device)","payload":1}"#
            await desk.receive(small, from: eve)
            #expect(await items.next() == .text(#"{"dst":"\#(device)","payload":1,"src":"eve","type":"OFFER"}"#))
            // Of 120 offers 8 went through: the others came back.
            await desk.disconnect(unit)
            await desk.disconnect(eve)
            let told = await watcher.items.reduce(into: [Outbox.Item]()) { $0.append($1) }
            let expired = told.count { $0 == .text(SignallingMessage.expire(.init(device)!, to: .init("eve")!)) }
            #expect(expired == 112)
        }
    }
}
