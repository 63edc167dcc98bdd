import Foundation
import NIOConcurrencyHelpers
import PeerLink
import TestSupport

/// Sessions by the names that the test gives them.
final class Probe: Sendable {
    let host: PeerHost
    private let offerer: PeerOfferer
    private let relay: LossyRelay?
    private let output: ProbeOutput
    private let stream = ProbeStream()
    private let tables = NIOLockedValueBox(Tables())

    struct Tables {
        var connections: [String: PeerConnection] = [:]
        var offers: [String: PeerOffer] = [:]
        var channels: [String: DataChannel] = [:]
        var counted: [String: Counted] = [:]
    }

    struct Counted {
        var count = 0
        var bytes = 0
        var sum = 0
    }

    init(_ options: ProbeOptions, _ output: ProbeOutput) async throws {
        host = try await PeerHost.start(options.configuration)
        var offering = options.configuration
        offering.port = 0
        offerer = try await PeerOfferer.make(offering)
        relay =
            options.loss > 0
            ? try await LossyRelay.start(
                to: options.configuration.host, port: Int(host.local.port), loss: options.loss, seed: options.seed)
            : nil
        self.output = output
    }

    func perform(_ line: String) async {
        guard let order = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            return output.say(["event": "error", "text": "not JSON: \(line)"])
        }
        let id = order["id"] as? String ?? ""
        do {
            switch order["do"] as? String {
            case "answer": try await answer(id, order)
            case "offer": try await offer(id, order)
            case "accept": try await offer(of: id).accept(answer: order["sdp"] as? String ?? "")
            case "candidate": try await offer(of: id).add(candidate: order["candidate"] as? String ?? "")
            case "open": try await open(id, order)
            case "send": send(id, order)
            case "close-channel": channel(id, order)?.close()
            case "close": tables.withLockedValue { $0.connections[id] }?.close()
            case "statistics": await tell(id)
            case "stream": stream(order)
            case "ages":
                let (count, median, tail) = stream.take()
                output.say(["event": "ages", "count": count, "median": median, "tail": tail])
            case let other: output.say(["event": "error", "text": "cannot do \(other ?? "nothing")"])
            }
        } catch {
            output.say(["event": "error", "id": id, "text": "\(error)"])
        }
    }

    private func handlers(_ id: String) -> PeerHandlers {
        var handlers = PeerHandlers()
        handlers.onState = { [output] state in
            switch state {
            case .connecting: break
            case .connected: output.say(["event": "state", "id": id, "state": "connected"])
            case .closed(let reason):
                output.say(["event": "state", "id": id, "state": "closed", "reason": "\(reason)"])
            }
        }
        handlers.onChannel = { [self] channel in
            // Before it is told: whoever hears of the channel may want it at once.
            watch(id, channel)
            output.say(
                [
                    "event": "channel", "id": id, "label": channel.label, "protocol": channel.options.subprotocol,
                    "ordered": channel.options.isOrdered, "reliability": "\(channel.options.reliability)",
                    "stream": Int(channel.stream ?? 0),
                ])
        }
        return handlers
    }

    private func watch(_ id: String, _ channel: DataChannel) {
        let label = channel.label
        tables.withLockedValue { $0.channels["\(id)/\(label)"] = channel }
        channel.onMessage { [self, weak channel] message in
            if let channel { hear(message, id, channel) }
        }
        channel.onState { [output] state in
            output.say(["event": "channel-state", "id": id, "label": label, "state": state.rawValue])
        }
    }

    private func hear(_ message: ChannelMessage, _ id: String, _ channel: DataChannel) {
        let label = channel.label
        if label.hasPrefix("echo") { channel.send(message) }
        if label.hasPrefix("timed") { return stream.received(message) }
        if label.hasPrefix("count") { return count(id, label, message) }
        guard !label.hasPrefix("quiet") else { return }
        switch message {
        case .text(let text): output.say(["event": "message", "id": id, "label": label, "text": text])
        case .bytes(let bytes):
            output.say(["event": "message", "id": id, "label": label, "bytes": Data(bytes).base64EncodedString()])
        }
    }

    /// Adds up messages, so that the other side can compare without hearing each.
    private func count(_ id: String, _ label: String, _ message: ChannelMessage) {
        let key = "\(id)/\(label)"
        if message == .text("end") {
            let counted = tables.withLockedValue { $0.counted[key] } ?? Counted()
            output.say(
                [
                    "event": "counted", "id": id, "label": label, "count": counted.count, "bytes": counted.bytes,
                    "sum": counted.sum,
                ])
            return
        }
        let sum =
            switch message {
            case .text(let text): text.utf8.reduce(0) { $0 + Int($1) }
            case .bytes(let bytes): bytes.reduce(0) { $0 + Int($1) }
            }
        tables.withLockedValue { tables in
            var counted = tables.counted[key] ?? Counted()
            counted.count += 1
            counted.bytes += message.count
            counted.sum += sum
            tables.counted[key] = counted
        }
    }

    private func answer(_ id: String, _ order: [String: Any]) async throws {
        let (answer, connection) = try await host.answer(
            offer: order["sdp"] as? String ?? "", handlers: handlers(id))
        tables.withLockedValue { $0.connections[id] = connection }
        let port = host.local.port
        let sdp = relay.map { answer.replacing(" \(port) typ", with: " \($0.port) typ") } ?? answer
        output.say(["event": "answer", "id": id, "sdp": sdp])
    }

    private func offer(_ id: String, _ order: [String: Any]) async throws {
        let wanted = (order["channels"] as? [[String: Any]] ?? []).map(ChannelOptions.init(order:))
        let offer = try await offerer.offer(channels: wanted, handlers: handlers(id))
        tables.withLockedValue {
            $0.connections[id] = offer.connection
            $0.offers[id] = offer
        }
        for channel in offer.channels { watch(id, channel) }
        output.say(["event": "offer", "id": id, "sdp": offer.description])
    }

    private func offer(of id: String) throws -> PeerOffer {
        guard let offer = tables.withLockedValue({ $0.offers[id] }) else { throw PeerLinkError.closed }
        return offer
    }

    private func open(_ id: String, _ order: [String: Any]) async throws {
        guard let connection = tables.withLockedValue({ $0.connections[id] }) else { throw PeerLinkError.closed }
        // The peer may answer the opening before this thread has its channel: what comes by then is heard afterwards.
        let early = NIOLockedValueBox<[ChannelMessage]>([])
        let channel = try await connection.open(
            ChannelOptions(order: order["channel"] as? [String: Any] ?? [:]),
            onMessage: { message in early.withLockedValue { $0.append(message) } })
        watch(id, channel)
        for message in early.withLockedValue({ $0 }) { hear(message, id, channel) }
    }

    private func channel(_ id: String, _ order: [String: Any]) -> DataChannel? {
        tables.withLockedValue { $0.channels["\(id)/\(order["label"] as? String ?? "")"] }
    }

    private func send(_ id: String, _ order: [String: Any]) {
        guard let channel = channel(id, order) else {
            return output.say(["event": "error", "id": id, "text": "no such channel"])
        }
        if let text = order["text"] as? String {
            output.say(["event": "sent", "id": id, "result": "\(channel.send(.text(text)))"])
            return
        }
        if let text = order["base64"] as? String, let data = Data(base64Encoded: text) {
            output.say(["event": "sent", "id": id, "result": "\(channel.send(.bytes(Array(data))))"])
            return
        }
        let size = order["size"] as? Int ?? 100
        let filling = String(repeating: ".", count: size)
        let count = order["count"] as? Int ?? 0
        let isPatient = order["patient"] as? Bool ?? true
        Thread.detachNewThread { [output] in
            var refused = 0
            var dropped = 0
            for number in 0..<count {
                let message = ChannelMessage.text(String("\(number) \(filling)".prefix(max(size, 1))))
                var result = channel.send(message)
                while result == .refused(.full), isPatient {
                    usleep(200)
                    result = channel.send(message)
                }
                if case .refused = result { refused += 1 }
                if case .queuedInPlaceOf(let count) = result { dropped += count }
            }
            output.say(["event": "sent", "id": id, "refused": refused, "dropped": dropped])
        }
    }

    private func stream(_ order: [String: Any]) {
        let channels = tables.withLockedValue { $0.channels.values.filter { $0.label.hasPrefix("timed") } }
        let (perSecond, seconds) = (order["rate"] as? Int ?? 1, order["seconds"] as? Int ?? 1)
        Thread.detachNewThread { [output] in
            let refused = ProbeStream.send(to: channels, perSecond: perSecond, seconds: seconds)
            output.say(["event": "streamed", "refused": refused])
        }
    }

    private func tell(_ id: String) async {
        let host = await host.statistics()
        var object: [String: Any] = ["event": "statistics", "id": id]
        for child in Mirror(reflecting: host).children {
            if let label = child.label, let value = child.value as? Int { object[label] = value }
        }
        if let connection = tables.withLockedValue({ $0.connections[id] }) {
            var peer: [String: Int] = [:]
            for child in Mirror(reflecting: await connection.statistics()).children {
                if let label = child.label, let value = child.value as? Int { peer[label] = value }
            }
            object["peer"] = peer
        }
        output.say(object)
    }
}

extension ChannelOptions {
    init(order: [String: Any]) {
        self.init(label: order["label"] as? String ?? "")
        subprotocol = order["protocol"] as? String ?? ""
        isOrdered = order["ordered"] as? Bool ?? true
        if let count = order["retransmissions"] as? Int { reliability = .retransmissions(UInt32(count)) }
        if let milliseconds = order["lifetime"] as? Int { reliability = .lifetime(milliseconds: UInt32(milliseconds)) }
        if let stream = order["negotiated"] as? Int { negotiatedStream = UInt16(stream) }
        if let policy = order["policy"] as? String { queue.whenFull = SendQueue.WhenFull(rawValue: policy) ?? .refuse }
    }
}
