import Foundation
import Settings
import Synchronization
import UnitProtocol

/// `iot base run`, which reaches units and hub over cables alone.
actor BasePart {
    private let bench: Bench
    private let rig: RigPart
    private var program: Program?
    /// Whether it has been ready in this case: then it is to be so again.
    private var hasRun = false
    nonisolated let lines = Heard<String>()

    private static let startLimit = Duration.seconds(30)
    /// It promises 9 s; a busy machine has some more.
    private static let stopLimit = Duration.seconds(20)

    init(bench: Bench, rig: RigPart) {
        self.bench = bench
        self.rig = rig
    }

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

    /// - Throws: ``HILError/infrastructure(_:)`` where it is not ready; ``HILError/failed(_:)`` where it has been so before.
    func start(_ places: Places) async throws {
        guard program == nil else { throw HILError.failed("the base runs already") }
        let file = bench.state.appending(path: "base.json")
        try Self.write(configuration(places), to: file)
        let isReady = Mutex(false)
        let (bench, lines) = (bench, lines)
        let (executable, arguments) = try rig.call(
            ["base", "run", "--config", file.path, "--json", "--log-window", "0", "--stop-with-parent"], iot: bench.iot)
        lines.beginAnew()
        let program = try Program(
            "base", executable, arguments,
            output: { _ in isReady.withLock { $0 = true } },
            errors: { line in
                lines.append(line, at: bench.now)
                bench.tell(.base, "base", line)
            }, lost: { bench.lose($0, of: lines, .base, "base") })
        _ = try await program.ready("the base", within: Self.startLimit, hasRun: hasRun) {
            isReady.withLock(\.self) ? true : nil
        }
        (self.program, hasRun) = (program, true)
    }

    /// That it has ended though nobody has asked for it.
    func trouble() async -> HILError? {
        await program?.ownEnd().map { .failed("the base ended by itself (\($0))") }
    }

    /// - Throws: ``HILError/failed(_:)`` where it does not run, or has not ended in order; gone it is in every case.
    func stop() async throws {
        defer { program = nil }
        guard let end = await program?.stop(within: Self.stopLimit) else {
            throw HILError.failed("the base does not run")
        }
        if let wrong = end.wrong("the base", within: Self.stopLimit) { throw HILError.failed(wrong) }
    }

    /// Stops it, where it runs.
    func end() async throws {
        if program != nil { try await stop() }
    }

    /// - Throws: ``HILError/failed(_:)`` where it does not run, or had ended by itself.
    func kill() async throws {
        guard let program else { throw HILError.failed("the base does not run") }
        let end = await program.kill()
        self.program = nil
        if let end { throw HILError.failed("the base ended by itself (\(end))") }
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
