import Channels
import Foundation
import Hummingbird

/// Pusher's HTTP API under `/apps/{app_id}`; each request is signed with the app's secret.
struct BrokerRoutes {
    /// Beyond it a body is refused before it is read to its end.
    static let bodyLimit = 128 * 1024
    static let dataLimit = 10 * 1024
    static let channelsLimit = 100
    static let batchLimit = 10

    let broker: Broker
    let credentials: AppCredentials
    let unixTime: @Sendable () -> Int

    func add(to table: inout RouteTable) {
        table.on(.post, "/apps/{app}/events") { request, context in
            let event = try BrokerEvent(try await signed(request, context).json)
            return try await accept([event])
        }
        table.on(.post, "/apps/{app}/batch_events") { request, context in
            let body = try await signed(request, context).json
            guard let batch = body["batch"]?.array else { throw APIError.invalid("batch: must be a list of events") }
            guard batch.count <= Self.batchLimit else {
                throw APIError.invalid("batch: has \(batch.count) events, at most \(Self.batchLimit) are taken")
            }
            return try await accept(try batch.map { try BrokerEvent($0) })
        }
        table.on(.get, "/apps/{app}/channels", listChannels)
        table.on(.get, "/apps/{app}/channels/{channel}", showChannel)
        table.on(.get, "/apps/{app}/channels/{channel}/users") { request, context in
            let channel = try await signed(request, context).channel(context)
            guard channel.kind.isPresence else {
                throw APIError.invalid("channel: only presence channels have users")
            }
            let users = await broker.users(of: channel).map { JSONValue.object(["id": .string($0)]) }
            return .json(JSONValue.object(["users": .array(users)]))
        }
        table.on(.post, "/apps/{app}/users/{user}/terminate_connections") { request, context in
            _ = try await signed(request, context)
            await broker.terminateConnections(of: try context.decoded("user"))
            return .json(JSONValue.object([:]))
        }
    }

    /// A request whose signature was right.
    private struct Signed {
        let request: SignedRequest

        /// The values of `info`: `user_count,subscription_count`.
        var attributes: Set<String> {
            Set((query("info") ?? "").split(separator: ",").map(String.init))
        }

        var json: JSONValue {
            get throws {
                do {
                    return try JSONValue(bytes: request.body, limits: JSONLimits(maximumBytes: BrokerRoutes.bodyLimit))
                } catch {
                    throw APIError.badJSON("\(error)")
                }
            }
        }

        func query(_ name: String) -> String? {
            request.query.first { $0.name == name }?.value
        }

        func channel(_ context: HubRequestContext) throws -> ChannelName {
            do {
                return try ChannelName(try context.decoded("channel"))
            } catch let error as ChannelNameError {
                throw APIError.invalid("channel: \(error)")
            }
        }
    }

    /// - Throws: ``APIError`` 404 for another app, 401 for a signature that is missing or wrong, 413 for a large body.
    private func signed(_ request: Request, _ context: HubRequestContext) async throws -> Signed {
        guard context.parameters.get("app") == credentials.id else { throw APIError.unknownApp }
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let query = request.uri.queryParameters.map { SignedRequest.Parameter(String($0.key), String($0.value)) }
        let signed = SignedRequest(
            method: request.method.rawValue, path: request.uri.path, query: query,
            body: Array(body.readableBytesView))
        do {
            try credentials.verify(signed, unixTime: unixTime())
        } catch {
            throw APIError.badSignature("\(error)")
        }
        return Signed(request: signed)
    }

    private func accept(_ events: [BrokerEvent]) async throws -> Response {
        for event in events {
            await broker.publish(event.name, data: event.data, on: event.channels, except: event.except)
        }
        return .json(JSONValue.object([:]))
    }

    @Sendable private func listChannels(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let signed = try await signed(request, context)
        let attributes = signed.attributes
        let prefix = signed.query("filter_by_prefix") ?? ""
        guard !attributes.contains("user_count") || prefix.hasPrefix("presence-") else {
            throw APIError.invalid("info: user_count needs filter_by_prefix=presence-")
        }
        let channels = await broker.channels(prefix: prefix).map { info in
            (info.name.text, Self.describe(info, attributes, isOccupiedTold: false))
        }
        return .json(
            JSONValue.object(["channels": .object(Dictionary(channels) { first, _ in first })]))
    }

    @Sendable private func showChannel(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let signed = try await signed(request, context)
        let info = await broker.info(try signed.channel(context))
        return .json(Self.describe(info, signed.attributes, isOccupiedTold: true))
    }

    private static func describe(
        _ info: ChannelInfo, _ attributes: Set<String>, isOccupiedTold: Bool
    ) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if isOccupiedTold { members["occupied"] = .bool(info.subscriptionCount > 0) }
        if attributes.contains("user_count"), let count = info.userCount { members["user_count"] = .integer(count) }
        if attributes.contains("subscription_count") {
            members["subscription_count"] = .integer(info.subscriptionCount)
        }
        if attributes.contains("cache"), info.name.kind.isCache { members["cached"] = .bool(info.isCached) }
        return .object(members)
    }
}

/// An event as the HTTP API takes it: `{name, data, channels[] | channel, socket_id?}`.
struct BrokerEvent: Equatable, Sendable {
    var name: String
    var data: String
    var channels: [ChannelName]
    var except: SocketID?

    /// - Throws: ``APIError`` with code `invalid`, or 413 for data that is too large.
    init(_ body: JSONValue) throws {
        guard let name = body["name"]?.string, (1...200).contains(name.utf8.count) else {
            throw APIError.invalid("name: must be a string of 1 to 200 bytes")
        }
        guard let data = body["data"]?.string else { throw APIError.invalid("data: must be a string") }
        guard data.utf8.count <= BrokerRoutes.dataLimit else {
            throw APIError.eventTooLarge(limit: BrokerRoutes.dataLimit)
        }
        let names = body["channels"]?.array?.map(\.string) ?? [body["channel"]?.string]
        guard (1...BrokerRoutes.channelsLimit).contains(names.count) else {
            throw APIError.invalid("channels: must be 1 to \(BrokerRoutes.channelsLimit) channels")
        }
        self.name = name
        self.data = data
        channels = try names.map { name in
            do {
                return try ChannelName(name ?? "")
            } catch {
                throw APIError.invalid("channels: \(error)")
            }
        }
        guard channels.count == 1 || !channels.contains(where: \.kind.isEncrypted) else {
            throw APIError.invalid("channels: an encrypted channel must be the only one of its event")
        }
        if let socket = body["socket_id"]?.string {
            guard let id = SocketID(socket) else { throw APIError.invalid("socket_id: must be such as 123.456") }
            except = id
        }
    }
}

extension HubRequestContext {
    /// A parameter of the path, percent-decoded once.
    ///
    /// - Throws: ``APIError`` with code `invalid` when that is no text of at most 200 bytes.
    fileprivate func decoded(_ name: String) throws(APIError) -> String {
        do {
            return try String(percentDecoding: (parameters.get(name) ?? "")[...], maximumBytes: 200)
        } catch {
            throw .invalid("\(name): is not percent-encoded text of at most 200 bytes")
        }
    }
}

// What the HTTP API refuses.
extension APIError {
    static let unknownApp = APIError(
        status: .notFound, code: "unknown_app", message: "There is no app with this id on this hub.")

    static func badSignature(_ reason: String) -> APIError {
        APIError(status: .unauthorized, code: "bad_signature", message: "The request is not signed rightly: \(reason).")
    }

    static func eventTooLarge(limit: Int) -> APIError {
        APIError(
            status: .contentTooLarge, code: "event_too_large",
            message: "The data of an event has at most \(limit) bytes.")
    }
}
