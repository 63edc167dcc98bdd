import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import UnitProtocol

/// `iot hub run`, its JSON API, and the measurements that it has.
actor HubPart {
    struct Measurement: Sendable, Equatable {
        var value: String
        /// When it was taken, in milliseconds since 1970.
        var at: Int
        /// How much later it was seen in the hub.
        var lag: Duration
    }

    private struct Device {
        var id: Int
        var unit: String
        var kind: UnitKind
    }

    private let bench: Bench
    private let rig: RigPart
    private let folder: URL
    private var program: Program?
    private var poller: Task<Void, Never>?
    private var token = ""
    private var devices: [Device] = []
    /// What is known already, so that only what is new is told.
    private var known: [Int: [String: Int]] = [:]
    private(set) var baseToken = ""
    private(set) var appKey = ""
    /// 0 before the first start; the same port ever after.
    private(set) var port = 0
    nonisolated let lines = Heard<String>()
    nonisolated let measurements: [String: Heard<Measurement>]

    private static let startLimit = Duration.seconds(30)
    static let stopLimit = Duration.seconds(12)
    /// How often the hub is asked for new measurements.
    private static let pollPause = Duration.milliseconds(100)
    /// What is filed later than so is not looked for any more, in milliseconds.
    private static let overlap = 600_000

    init(bench: Bench, rig: RigPart, units: [String]) {
        self.bench = bench
        self.rig = rig
        folder = bench.state.appending(path: "hub")
        measurements = Dictionary(uniqueKeysWithValues: units.map { ($0, Heard()) })
    }

    var isRunning: Bool { program != nil }

    private struct Ready: Decodable {
        struct App: Decodable {
            var key: String
        }
        var hub: String
        var app: App
    }

    /// Starts it and waits until it is ready; at the first time it gets tokens and the units as devices.
    func start(_ units: [(name: String, kind: UnitKind, address: IPv4Address)]) async throws {
        guard program == nil else { throw HILError.failed("the hub runs already") }
        let ready = Mutex<String?>(nil)
        let (bench, lines) = (bench, lines)
        let (executable, arguments) = try rig.call(
            ["hub", "run", "--state", folder.path, "--port", "\(port)", "--json", "--stop-with-parent"], iot: bench.iot)
        let program = try Program(
            "hub", executable, arguments,
            output: { line in ready.withLock { if $0 == nil { $0 = line } } },
            errors: { line in
                lines.append(line, at: bench.now)
                bench.tell(.hub, "hub", line)
            })
        self.program = program
        let line = try await program.ready("the hub", within: Self.startLimit) { ready.withLock(\.self) }
        guard let said = try? JSONDecoder().decode(Ready.self, from: Data(line.utf8)),
            let port = URL(string: said.hub)?.port
        else { throw HILError.failed("the hub's first line is not what it should be: \(line.prefix(200))") }
        self.port = port
        appKey = said.app.key
        if token.isEmpty {
            token = try await makeToken("admin")
            baseToken = try await makeToken("base")
            for unit in units { try await add(unit) }
        }
        poller = Task { [weak self] in
            while !Task.isCancelled {
                await self?.poll()
                try? await Task.sleep(for: Self.pollPause)
            }
        }
    }

    private func makeToken(_ ability: String) async throws -> String {
        let (end, output) = try await Program.run(
            "hub token", bench.iot,
            ["hub", "token", "create", "--state", folder.path, "--name", "hil", "--ability", ability]
        ) { _ in }
        struct Made: Decodable {
            var token: String
        }
        guard let line = output.first, let made = try? JSONDecoder().decode(Made.self, from: Data(line.utf8)) else {
            throw HILError.failed("iot hub token create made no token (\(end))")
        }
        return made.token
    }

    private func add(_ unit: (name: String, kind: UnitKind, address: IPv4Address)) async throws {
        struct Made: Decodable {
            struct Device: Decodable {
                var id: Int
            }
            var device: Device
        }
        let body = try JSONEncoder().encode(
            ["name": unit.name, "kind": unit.kind.hubName, "address": unit.address.description])
        let (status, data) = try await send(.POST, "/api/devices", body: body)
        guard status == 201, let made = try? JSONDecoder().decode(Made.self, from: data) else {
            throw HILError.failed("the hub did not add the device \(unit.name): \(status) \(Self.text(data))")
        }
        devices.append(Device(id: made.device.id, unit: unit.name, kind: unit.kind))
    }

    func stop() async {
        // One look at a time: an older answer that came after a newer one would make old measurements new.
        poller?.cancel()
        await poller?.value
        await poll()
        await program?.stop(within: Self.stopLimit)
        program = nil
    }

    func kill() async {
        poller?.cancel()
        await poller?.value
        await program?.kill()
        program = nil
    }

    // MARK: Measurements

    private struct States: Decodable {
        struct State: Decodable {
            var value: String
            var at: String
        }
        var states: [State]
    }

    private var newest: [Int: Int] = [:]

    private func poll() async {
        guard program != nil else { return }
        for device in devices where device.kind == .read {
            var path = "/api/devices/\(device.id)/states?limit=10000"
            if let newest = newest[device.id] { path += "&from=\(HubTime.text(newest - Self.overlap))" }
            guard let (status, data) = try? await send(.GET, path), status == 200,
                let states = try? JSONDecoder().decode(States.self, from: data).states
            else { continue }
            take(states, of: device)
        }
    }

    private func take(_ states: [States.State], of device: Device) {
        let wall = Int(Date().timeIntervalSince1970 * 1000)
        var seen: [String: Int] = [:]
        for state in states {
            guard let at = HubTime.milliseconds(state.at) else { continue }
            let key = "\(state.at) \(state.value)"
            seen[key, default: 0] += 1
            guard seen[key, default: 0] > known[device.id]?[key] ?? 0 else { continue }
            let measurement = Measurement(value: state.value, at: at, lag: .milliseconds(max(0, wall - at)))
            measurements[device.unit]?.append(measurement, at: bench.now)
            bench.tell(.hub, device.unit, "measurement \(state.value)")
            newest[device.id] = max(newest[device.id] ?? at, at)
        }
        known[device.id] = seen
    }

    // MARK: Requests

    /// Whether a base listens for requests.
    func hasBase() async -> Bool {
        struct Base: Decodable {
            var connected: Bool
        }
        guard let (status, data) = try? await send(.GET, "/api/base"), status == 200 else { return false }
        return (try? JSONDecoder().decode(Base.self, from: data).connected) ?? false
    }

    /// Sends a request.
    ///
    /// - Returns: Its number, nil where no base listens.
    func request(_ unit: String, _ payload: String) async throws -> Int? {
        struct Sent: Decodable {
            var id: Int
        }
        guard let device = devices.first(where: { $0.unit == unit }) else {
            throw HILError.failed("the hub has no device for \(unit); start: hub stands before a request")
        }
        let body = try JSONEncoder().encode(["payload": payload])
        let (status, data) = try await send(.POST, "/api/devices/\(device.id)/requests", body: body)
        if status == 503 { return nil }
        guard status == 202, let sent = try? JSONDecoder().decode(Sent.self, from: data) else {
            throw HILError.failed("the hub refused the request: \(status) \(Self.text(data))")
        }
        return sent.id
    }

    /// What became of a request; nil as long as that is not known.
    func outcome(of number: Int, _ unit: String) async throws -> (outcome: RequestOutcome, reason: String)? {
        struct Requests: Decodable {
            struct Request: Decodable {
                struct Outcome: Decodable {
                    var id: Int
                    var result: String
                    var reason: String?
                }
                var device: Int
                var request: Outcome
            }
            var requests: [Request]
        }
        let (status, data) = try await send(.GET, "/api/requests")
        guard status == 200, let all = try? JSONDecoder().decode(Requests.self, from: data),
            let device = devices.first(where: { $0.unit == unit }),
            let latest = all.requests.first(where: { $0.device == device.id })?.request, latest.id == number
        else { return nil }
        return RequestOutcome(rawValue: latest.result).map { ($0, latest.reason ?? "") }
    }

    private func send(_ method: HTTPMethod, _ path: String, body: Data? = nil) async throws -> (Int, Data) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body, length: .known(Int64(body.count)))
        }
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let bytes = try await response.body.collect(upTo: 8 * 1024 * 1024)
            return (Int(response.status.code), Data(bytes.readableBytesView))
        } catch {
            try Task.checkCancellation()
            throw HILError.failed("the hub did not answer \(method) \(path): \(error)")
        }
    }

    private static func text(_ data: Data) -> String { String(decoding: data.prefix(300), as: UTF8.self) }
}
