import AsyncHTTPClient
import Daemon
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// `iot hub run` as a process, and what a test needs to talk to it.
struct RunningHub {
    private struct Ready: Decodable {
        struct Admin: Decodable { let password: String? }
        let hub: URL
        let admin: Admin
    }

    let process: ChildProcess
    let url: String
    let port: Int
    let state: URL
    /// On the first start only.
    let password: String?

    /// Runs `body` beside a hub that keeps its state in `state`.
    static func run<Value>(
        state: URL, arguments: [String] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: (RunningHub) async throws -> Value
    ) async throws -> Value {
        let process = try BuiltCommand.start(
            ["hub", "run", "--stop-with-parent", "--port", "0", "--json", "--state", state.path] + arguments)
        do {
            let line = try await process.readyLine(within: .seconds(90))
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            let hub = RunningHub(
                process: process, url: ready.hub.absoluteString, port: ready.hub.port ?? 0, state: state,
                password: ready.admin.password)
            let value = try await body(hub)
            await process.stop(within: .seconds(20))
            return value
        } catch {
            await process.stop(within: .seconds(20))
            throw error
        }
    }

    /// The same with a state directory of its own.
    static func run<Value>(
        arguments: [String] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: (RunningHub) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { state in
            try await run(state: state, arguments: arguments, body)
        }
    }

    /// A new token, made by the command line.
    func token(_ ability: String) async throws -> String {
        struct Made: Decodable { let token: String }
        let output = try await command(["token", "create", "--name", ability, "--ability", ability])
        return try JSONDecoder().decode(Made.self, from: Data((output.first ?? "").utf8)).token
    }

    /// The lines that `iot hub …` prints for this hub's state, stdout before stderr.
    func command(_ words: [String]) async throws -> [String] {
        let command = try BuiltCommand.start(["hub"] + words + ["--state", state.path])
        async let errors = command.errorLines?.reduce(into: [String]()) { $0.append($1) }
        let output = await command.lines.reduce(into: [String]()) { $0.append($1) }
        _ = await command.waitForEnd()
        return output + (await errors ?? [])
    }

    /// A request with JSON; gives the status and the body's text, with what differs from run to run made the same.
    func call(
        _ method: HTTPMethod, _ path: String, token: String? = nil, json: String? = nil, headers: [String: String] = [:]
    ) async throws -> String {
        let (response, body) = try await send(method, path, token: token, json: json, headers: headers)
        return "\(response.status.code) \(body)"
            .replacing(/[0-9a-f]{8}-[0-9a-f-]{27}/.ignoresCase(), with: "UUID")
            .replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
            .replacing(/io[ts]_\d+_[-_A-Za-z0-9]{43}/, with: "SECRET")
    }

    func send(
        _ method: HTTPMethod, _ path: String, token: String? = nil, json: String? = nil, headers: [String: String] = [:]
    ) async throws -> (response: HTTPClientResponse, body: String) {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: json))
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(90))
        let body = try await response.body.collect(upTo: 1 << 24)
        return (response, String(buffer: body))
    }

    /// What the hub answers to these bytes on a connection of their own; nil when it does not close it in time.
    func raw(_ head: String, timeout: Int = 60) async throws -> String? {
        try await onThread { [port] in
            let socket = try RawSocket("127.0.0.1", port: port, timeout: timeout)
            socket.write(head)
            return socket.readToEnd()
        }
    }
}
