import Hummingbird

/// `POST /api/broadcasting/auth`: whether a client may listen to a channel.
struct BroadcastingRoutes {
    let authorizer: ChannelAuthorizer

    /// Pusher's field names; clients send them as a form, pages as JSON.
    private struct Form: Decodable {
        let socketID: String
        let channelName: String

        enum CodingKeys: String, CodingKey {
            case socketID = "socket_id"
            case channelName = "channel_name"
        }
    }

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/broadcasting/auth", authorize)
    }

    @Sendable private func authorize(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        guard let caller = context.caller else {
            throw context.tokenRefused ? APIError.badToken : APIError.notLoggedIn
        }
        let (socket, channel) = try await fields(of: request)
        return .json(try authorizer.authorize(socket: socket, channel: channel, for: caller))
    }

    private func fields(of request: Request) async throws -> (String, String) {
        if request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true {
            return try await request.fields { ($0.required("socket_id"), $0.required("channel_name")) }
        }
        let text = try await request.bodyText()
        do {
            let form = try URLEncodedFormDecoder().decode(Form.self, from: text)
            return (form.socketID, form.channelName)
        } catch {
            throw APIError.invalid("The form must have the fields socket_id and channel_name.")
        }
    }
}
