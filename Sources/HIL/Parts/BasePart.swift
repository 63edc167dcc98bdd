import Foundation
import Settings
import Synchronization
import UnitProtocol

/// `iot base run`, which reaches units and hub over cables alone.
actor BasePart {
    private let bench: Bench
    private let rig: RigPart
    private var program: Program?
    nonisolated let lines = Heard<String>()

    private static let startLimit = Duration.seconds(30)
    static let stopLimit = Duration.seconds(12)

    init(bench: Bench, rig: RigPart) {
        self.bench = bench
        self.rig = rig
    }

    var isRunning: Bool { program != nil }

    /// Where the base finds all others.
    struct Places: Sendable {
        /// Of read units.
        var clients: [IPv4Address]
        /// Of all units.
        var units: [IPv4Address]
        var dashboard: (address: IPv4Address, port: Int)
        var broker: (address: IPv4Address, port: Int)
        var token: String
        var appKey: String
    }

    func start(_ places: Places) async throws {
        guard program == nil else { throw HILError.failed("the base runs already") }
        let file = bench.state.appending(path: "base.json")
        try Self.write(configuration(places), to: file)
        let isReady = Mutex(false)
        let (bench, lines) = (bench, lines)
        let (executable, arguments) = try rig.call(
            ["base", "run", "--config", file.path, "--json", "--log-window", "0", "--stop-with-parent"], iot: bench.iot)
        let program = try Program(
            "base", executable, arguments,
            output: { _ in isReady.withLock { $0 = true } },
            errors: { line in
                lines.append(line, at: bench.now)
                bench.tell(.base, "base", line)
            })
        self.program = program
        _ = try await program.ready("the base", within: Self.startLimit) { isReady.withLock(\.self) ? true : nil }
    }

    func stop() async {
        await program?.stop(within: Self.stopLimit)
        program = nil
    }

    func kill() async {
        await program?.kill()
        program = nil
    }

    private func configuration(_ places: Places) -> SettingsNode {
        let own = SettingsNode.map([
            SettingsEntry(key: "clients", value: .list(places.clients.map { .string("\($0)") })),
            SettingsEntry(key: "allow", value: .list(places.units.map { .string("\($0)/32") })),
            SettingsEntry(
                key: "api",
                value: .map([
                    SettingsEntry(
                        key: "url", value: .string("http://\(places.dashboard.address):\(places.dashboard.port)")),
                    SettingsEntry(key: "token", value: .string(places.token)),
                ])),
            SettingsEntry(
                key: "pusher",
                value: .map([
                    SettingsEntry(key: "app-key", value: .string(places.appKey)),
                    SettingsEntry(key: "host", value: .string("\(places.broker.address)")),
                    SettingsEntry(key: "port", value: .integer(places.broker.port)),
                    SettingsEntry(key: "tls", value: .bool(false)),
                ])),
            SettingsEntry(
                key: "outbox",
                value: .map([
                    SettingsEntry(key: "directory", value: .string(bench.state.appending(path: "outbox").path))
                ])),
            SettingsEntry(key: "operations", value: .map([SettingsEntry(key: "listen", value: .string("off"))])),
        ])
        return rig.settings.map { own.merging($0) } ?? own
    }

    /// The token is in it: its owner alone may read it.
    private static func write(_ configuration: SettingsNode, to file: URL) throws {
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(configuration.json.utf8), attributes: [.posixPermissions: 0o600])
        else { throw HILError.infrastructure("cannot write \(file.path)") }
    }
}
