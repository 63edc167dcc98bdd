import Foundation
import Synchronization
import UnitProtocol

/// `iot hub run`: its process, its tokens, and the units that are its devices.
actor HubPart {
    private let bench: Bench
    private let rig: RigPart
    private let folder: URL
    private let watch: HubWatch
    private var program: Program?
    private var token = ""
    private var devices: [HubAPI.Device] = []
    private(set) var baseToken = ""
    private(set) var appKey = ""
    /// 0 before the first start; the same port ever after.
    private(set) var port = 0
    nonisolated let lines = Heard<String>()

    private static let startLimit = Duration.seconds(30)
    /// Time enough on a busy machine too.
    private static let stopLimit = Duration.seconds(20)

    init(bench: Bench, rig: RigPart, units: [String]) {
        self.bench = bench
        self.rig = rig
        folder = bench.state.appending(path: "hub")
        watch = HubWatch(bench: bench, units: units)
    }

    nonisolated var measurements: [String: Heard<HubMeasurement>] { watch.measurements }

    private var api: HubAPI { HubAPI(port: port, token: token) }

    private struct Ready: Decodable {
        struct App: Decodable {
            var key: String
        }
        var hub: String
        var app: App
    }

    /// Starts it and waits until it is ready; at the first time it gets tokens and the units as devices.
    ///
    /// - Throws: ``HILError/infrastructure(_:)`` where it is not ready; ``HILError/failed(_:)`` where it has been so before.
    func start(_ units: [(name: String, kind: UnitKind, address: IPv4Address)]) async throws {
        guard program == nil else { throw HILError.failed("the hub runs already") }
        let line = try await launch()
        guard let said = try? JSONDecoder().decode(Ready.self, from: Data(line.utf8)),
            let port = URL(string: said.hub)?.port
        else { throw HILError.infrastructure("the hub's first line is not what it should be: \(line.prefix(200))") }
        self.port = port
        appKey = said.app.key
        if token.isEmpty {
            token = try await makeToken("admin")
            baseToken = try await makeToken("base")
            do {
                for unit in units { devices.append(try await api.add(unit)) }
            } catch HILError.failed(let why) {
                throw HILError.infrastructure(why)
            }
        }
        await watch.begin(api, devices)
    }

    /// - Returns: Its first line.
    private func launch() async throws -> String {
        let ready = Mutex<String?>(nil)
        let (bench, lines) = (bench, lines)
        let (executable, arguments) = try rig.call(
            ["hub", "run", "--state", folder.path, "--port", "\(port)", "--json", "--stop-with-parent"], iot: bench.iot)
        lines.beginAnew()
        let program = try Program(
            "hub", executable, arguments,
            output: { line in ready.withLock { if $0 == nil { $0 = line } } },
            errors: { line in
                lines.append(line, at: bench.now)
                bench.tell(.hub, "hub", line)
            }, lost: { bench.lose($0, of: lines, .hub, "hub") })
        let line = try await program.ready("the hub", within: Self.startLimit, hasRun: port != 0) {
            ready.withLock(\.self)
        }
        self.program = program
        return line
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
            throw HILError.infrastructure("iot hub token create made no token (\(end))")
        }
        return made.token
    }

    /// That it has ended though nobody has asked for it.
    func trouble() async -> HILError? {
        await program?.ownEnd().map { .failed("the hub ended by itself (\($0))") }
    }

    /// - Throws: ``HILError/failed(_:)`` where it has not ended in order; gone it is in every case.
    func stop() async throws {
        guard let program else { throw HILError.failed("the hub does not run") }
        await watch.end(lastLook: (api, devices))
        let end = await program.stop(within: Self.stopLimit)
        self.program = nil
        if let wrong = end.wrong("the hub", within: Self.stopLimit) { throw HILError.failed(wrong) }
    }

    /// Stops it, where it runs.
    func end() async throws {
        if program != nil { try await stop() }
    }

    /// - Throws: ``HILError/failed(_:)`` where it does not run, or had ended by itself.
    func kill() async throws {
        guard let program else { throw HILError.failed("the hub does not run") }
        await watch.end()
        let end = await program.kill()
        self.program = nil
        if let end { throw HILError.failed("the hub ended by itself (\(end))") }
    }

    // MARK: What it has, and requests

    /// Returns when all measurements are known that have reached the hub before the call.
    ///
    /// - Throws: ``HILError/failed(_:)`` where no hub runs, or it gives no answer until the task is cancelled.
    func catchUp() async throws { try await watch.catchUp() }

    private func device(_ unit: String) throws -> HubAPI.Device {
        guard let device = devices.first(where: { $0.unit == unit }) else {
            throw HILError.failed("the hub has no device for \(unit); start: hub stands before a request")
        }
        return device
    }

    /// Sends a request.
    func request(_ unit: String, _ payload: String) async throws -> HubAPI.Answer {
        try await api.request(payload, of: device(unit))
    }

    /// What became of a request; nil as long as that is not known.
    func outcome(of number: Int, _ unit: String) async throws -> (outcome: RequestOutcome, reason: String)? {
        try await api.outcome(of: number, of: device(unit))
    }
}
