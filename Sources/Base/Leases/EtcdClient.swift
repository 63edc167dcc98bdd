import AsyncHTTPClient
import Channels
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import WebSocketClient

/// etcd's JSON gateway (`/v3/…`): numbers of 64 bits are texts there, keys and values base64, and what is false or zero is
/// left away.
///
/// Several addresses are those of one cluster: the one that has answered last is asked first.
final class EtcdClient: Sendable {
    /// The most bytes of an answer that are read: a page of keys is far below.
    private static let answerLimit = 1024 * 1024

    private let http: HTTPClient
    private let endpoints: [String]
    private let credentials: EtcdCredentials?
    /// For one attempt at one endpoint.
    private let timeout: Duration
    private let current = Mutex(0)
    private let token = Mutex(String?.none)

    init(http: HTTPClient, settings: ClusterSettings) {
        self.http = http
        endpoints = settings.etcd
        credentials = settings.credentials
        timeout = settings.attemptTimeout
    }

    /// Posts to `path`, at one endpoint after the other until one answers.
    ///
    /// - Throws: ``LeaseError``, or `CancellationError`.
    func call(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        var reason = "none is configured"
        let first = current.withLock { $0 }
        for offset in endpoints.indices {
            let index = (first + offset) % endpoints.count
            do {
                let answer = try await authorizedCall(endpoints[index] + path, body)
                current.withLock { $0 = index }
                return answer
            } catch let error as LeaseError {
                guard case .unreachable(let why) = error else { throw error }
                reason = why
            }
            try Task.checkCancellation()
        }
        throw LeaseError.unreachable(reason)
    }

    /// A token lives for some minutes only: one that is not taken any more is asked for anew, once.
    private func authorizedCall(_ url: String, _ body: JSONValue) async throws -> JSONValue {
        guard let credentials else { return try Self.judge(try await post(url, body, nil)) }
        if let known = token.withLock({ $0 }) {
            let answer = try await post(url, body, known)
            if !Self.wantsToken(answer) { return try Self.judge(answer) }
        }
        guard let end = url.range(of: "/v3/")?.lowerBound else { throw LeaseError.unreachable("\(url) has no /v3/") }
        let login = try Self.judge(
            try await post(
                "\(url[..<end])/v3/auth/authenticate",
                ["name": .string(credentials.user), "password": .string(credentials.password.exposed)], nil))
        guard let fresh = login["token"]?.string else { throw LeaseError.unreadable("a login without a token") }
        token.withLock { $0 = fresh }
        return try Self.judge(try await post(url, body, fresh))
    }

    private func post(_ url: String, _ body: JSONValue, _ token: String?) async throws -> (
        status: UInt, body: JSONValue
    ) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "iot-base")
        if let token { request.headers.add(name: "Authorization", value: token) }
        request.body = .bytes(ByteBuffer(string: body.text))
        let (http, limit, sent) = (http, timeout, request)
        let answer: (status: UInt, body: ByteBuffer)
        do {
            answer = try await withThrowingTaskGroup(of: (status: UInt, body: ByteBuffer)?.self) { group in
                group.addTask {
                    // This ends first, since it knows why no connection was made.
                    let response = try await http.execute(sent, deadline: .now() + TimeAmount(limit * 9 / 10))
                    return (response.status.code, try await response.body.collect(upTo: Self.answerLimit))
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() ?? nil else {
                    throw LeaseError.unreachable("\(url) has not answered within \(limit.settingsText)")
                }
                return answer
            }
        } catch let error as LeaseError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw LeaseError.unreachable("\(url): \(DialFailure.words(error))")
        }
        let limits = JSONLimits(maximumBytes: Self.answerLimit)
        guard let value = try? JSONValue(bytes: Array(answer.body.readableBytesView), limits: limits) else {
            // What is before etcd, or instead of it, speaks thus.
            throw LeaseError.unreachable("\(url) has answered \(answer.status) and no JSON")
        }
        return (answer.status, value)
    }

    private static func wantsToken(_ answer: (status: UInt, body: JSONValue)) -> Bool {
        answer.status == 401 || answer.body["error"]?.string?.contains("invalid auth token") == true
    }

    private static func judge(_ answer: (status: UInt, body: JSONValue)) throws(LeaseError) -> JSONValue {
        guard answer.status != 200 else { return answer.body }
        let words = answer.body["error"]?.string ?? answer.body["message"]?.string ?? "status \(answer.status)"
        if words.contains("lease not found") { throw .leaseGone }
        // No leader, too many requests, a member that starts: another one may do better.
        if answer.status >= 500 || answer.status == 429 { throw .unreachable(String(words.prefix(200))) }
        throw .refused(String(words.prefix(200)))
    }
}

/// Who the base is for an etcd that asks.
struct EtcdCredentials: Equatable, Sendable {
    var user: String
    var password: Secret
}
