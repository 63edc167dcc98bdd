import AsyncHTTPClient
import Daemon
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// `iot up` as a process, and what a test needs to talk to it.
struct RunningSystem {
    struct Ready: Decodable {
        struct Admin: Decodable {
            var user: String
            var password: String?
        }
        struct Unit: Decodable {
            var name: String
            var ip: String
            var kind: String
        }
        var hub: String
        var token: String
        var admin: Admin
        var units: [Unit]
    }

    struct Device: Decodable, Equatable {
        struct State: Decodable, Equatable {
            var value: String
            var at: String
        }
        var id: Int
        var name: String
        var kind: String
        var address: String
        var active: Bool
        var lastState: State?
    }

    let process: ChildProcess
    let ready: Ready
    let state: URL

    /// Runs `body` beside a whole system whose units have addresses from `unitsFrom` on, then stops it.
    static func run<Value>(
        unitsFrom: String, units: String = "4+2", isolation: isolated (any Actor)? = #isolation,
        _ body: (RunningSystem) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { state in
            try await run(state: state, unitsFrom: unitsFrom, units: units, body)
        }
    }

    /// The same on a state directory that stays.
    static func run<Value>(
        state: URL, unitsFrom: String, units: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (RunningSystem) async throws -> Value
    ) async throws -> Value {
        let process = try BuiltCommand.start([
            "up", "--json", "--hub-port", "0", "--state", state.path, "--units-from", unitsFrom, "--units", units,
        ])
        do {
            let line = try await readyLine(of: process)
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            let value = try await body(RunningSystem(process: process, ready: ready, state: state))
            await process.stop(within: .seconds(30))
            return value
        } catch {
            await process.stop(within: .seconds(30))
            throw error
        }
    }

    private struct NotReady: Error, CustomStringConvertible {
        let description: String
    }

    /// The ready line, or what the command had to say instead.
    private static func readyLine(of process: ChildProcess) async throws -> String {
        do {
            return try await process.readyLine(within: .seconds(90))
        } catch {
            await process.stop(within: .seconds(30))
            let said = await process.errorLines?.reduce(into: [String]()) { $0.append($1) } ?? []
            throw NotReady(description: "\(error)\n" + said.suffix(30).joined(separator: "\n"))
        }
    }

    func devices() async throws -> [Device] {
        struct Answer: Decodable {
            var devices: [Device]
        }
        let (status, body) = try await send(.GET, "/api/devices")
        guard status == 200 else { return [] }
        return try JSONDecoder().decode(Answer.self, from: body).devices
    }

    @discardableResult
    func request(_ payload: String, to device: Int) async throws -> Int {
        try await send(.POST, "/api/devices/\(device)/requests", json: ["payload": payload]).0
    }

    func send(_ method: HTTPMethod, _ path: String, json: [String: String]? = nil) async throws -> (Int, Data) {
        var request = HTTPClientRequest(url: ready.hub + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(ready.token)")
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(json)))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 1 << 22)
        return (Int(response.status.code), Data(body.readableBytesView))
    }

    /// The console of a unit, as it was written so far.
    func console(_ unit: String) -> [String] {
        let file = state.appending(path: "console/\(unit).log")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { $0.trimmingCharacters(in: .controlCharacters) }
    }

    /// The process that runs a part: the child of `iot up` with these words in its command line.
    func child(_ words: [String]) throws -> pid_t? {
        let parent = process.processIdentifier
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = pid_t(entry),
                let stat = try? String(contentsOfFile: "/proc/\(entry)/stat", encoding: .utf8),
                let after = stat.split(separator: ")").last?.split(separator: " "), after.count > 1,
                pid_t(after[1]) == parent,
                let line = try? String(contentsOfFile: "/proc/\(entry)/cmdline", encoding: .utf8)
            else { continue }
            let arguments = line.split(separator: "\0").map(String.init)
            if words.allSatisfy(arguments.contains) { return pid }
        }
        return nil
    }

    /// Waits for a measurement of each read unit that is younger than the call.
    func waitForFreshValues(within limit: Duration = .seconds(60)) async throws {
        // While the hub restarts it answers nothing.
        let known = try await eventually("the devices", within: limit) { try? await devices() }
        let before = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0.lastState?.at ?? "") })
        try await eventually("a fresh value of each read unit", within: limit) {
            guard let now = try? await devices(), !now.isEmpty else { return false }
            return now.filter { $0.kind == "read" }.allSatisfy { ($0.lastState?.at ?? "") > (before[$0.id] ?? "") }
        }
    }
}
