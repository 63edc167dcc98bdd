import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What the start of the system asks of the hub's JSON API.
struct HubClient: Sendable {
    let hub: HubAddress
    let token: String
    private let http = HTTPClient.shared
    private static let limit = TimeAmount.seconds(60)

    /// What the hub makes of a password.
    enum LoginAnswer: Equatable, Sendable {
        case taken
        case refused
        /// It did not look: too many logins have failed, or it has trouble.
        case unknown
    }

    struct Answer {
        var status: HTTPResponseStatus
        var headers: HTTPHeaders
        var body: Data
    }

    /// Whether the hub knows the token (it may come from another state directory, or have been revoked).
    ///
    /// - Throws: ``UpError/hubRefused(_:status:body:)`` when the answer tells neither.
    func isTokenKnown() async throws -> Bool {
        let answer = try await send(.GET, "/api/devices")
        switch answer.status {
        case .unauthorized: return false
        // A base's token is known, and may not list devices.
        case .ok, .forbidden: return true
        default: throw Self.refusal(answer, "check a token")
        }
    }

    /// Tries a password, and ends the session that this makes.
    func tryLogin(user: String, password: String) async throws -> LoginAnswer {
        let body = try JSONEncoder().encode(["user": user, "password": password])
        let answer = try await send(.POST, "/api/login", body: body)
        switch answer.status {
        case .ok:
            if let session = answer.headers.first(name: "Set-Cookie")?.prefix(while: { $0 != ";" }) {
                _ = try await send(
                    .POST, "/api/logout", body: Data("{}".utf8), authorization: ("Cookie", String(session)))
            }
            return .taken
        case .unauthorized: return .refused
        default: return .unknown
        }
    }

    /// Waits until a base listens for requests.
    ///
    /// - Throws: ``UpError/baseDoesNotListen(_:)`` when none does within `limit`.
    func waitForBase(within limit: Duration, every pause: Duration = .milliseconds(50)) async throws {
        struct Base: Decodable {
            var connected: Bool
        }
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while clock.now < deadline {
            let answer = try await send(.GET, "/api/base")
            try Self.check(answer, "tell whether the base listens")
            if try JSONDecoder().decode(Base.self, from: answer.body).connected { return }
            try await Task.sleep(for: pause)
        }
        throw UpError.baseDoesNotListen(limit)
    }

    /// Sends a request, by default with the token.
    func send(
        _ method: HTTPMethod, _ path: String, body: Data? = nil, authorization: (name: String, value: String)? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: hub.url + path)
        request.method = method
        let (name, value) = authorization ?? ("Authorization", "Bearer \(token)")
        request.headers.add(name: name, value: value)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body, length: .known(Int64(body.count)))
        }
        let response = try await http.execute(request, timeout: Self.limit)
        let bytes = try await response.body.collect(upTo: 4 * 1024 * 1024)
        return Answer(status: response.status, headers: response.headers, body: Data(bytes.readableBytesView))
    }

    static func check(_ answer: Answer, _ what: String) throws {
        guard (200..<300).contains(answer.status.code) else { throw refusal(answer, what) }
    }

    private static func refusal(_ answer: Answer, _ what: String) -> UpError {
        .hubRefused(what, status: Int(answer.status.code), body: String(decoding: answer.body, as: UTF8.self))
    }
}
