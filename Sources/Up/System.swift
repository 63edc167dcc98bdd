import Foundation
import Logging
import ServiceLifecycle

/// Hub, fleet and base as children of one process: started in that order, kept running, stopped in reverse.
struct System: Service {
    let hubPort: Int
    let plan: SystemPlan
    let state: StateDirectory
    let parts: RunningParts
    let report: @Sendable (ReadyReport) throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                let hub = try await start()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for part in [Part.hub(state, port: hub.port), .fleet(state), .base(state)] {
                        group.addTask { try await parts.keepRunning(part) }
                    }
                    try await group.waitForAll()
                }
            }
        } catch is CancellationError {
            // A stop was asked for; what runs is stopped below.
        } catch {
            await parts.stopAll()
            throw error
        }
        await parts.stopAll()
    }

    private func start() async throws -> HubAddress {
        try await PortCheck().check(hubPort: hubPort, units: plan.units)
        let ready = try HubReady(line: try await parts.start(.hub(state, port: hubPort)))
        if let password = ready.admin.password {
            // The hub shows it this once.
            try state.remember(StateDirectory.Memory(adminPassword: password))
        }
        let hub = try HubAddress(url: ready.hub)
        let client = HubClient(hub: hub, token: try await token(\.adminToken, ability: "admin", of: hub))
        let baseToken = try await token(\.baseToken, ability: "base", of: hub)
        try await client.provideDevices(for: plan.units)

        try state.write(Data(plan.fleetFile.utf8), to: state.fleetFile)
        _ = try await parts.start(.fleet(state))
        let configuration = try plan.baseConfiguration(
            hub: hub, appKey: ready.app.key, token: baseToken, outbox: state.baseOutbox.path)
        try state.write(configuration, to: state.baseConfiguration)
        _ = try await parts.start(.base(state))
        try await client.waitForBase(within: Self.baseLimit)

        let admin = try await admin(ready.admin.user, client)
        try report(ReadyReport(hub: ready.hub, token: client.token, admin: admin, units: plan.units))
        return hub
    }

    /// The longest the base may take to listen for requests once it runs.
    private static let baseLimit = Duration.seconds(60)

    /// The remembered token; a new one when there is none, or when the hub does not know it any more.
    private func token(
        _ kept: WritableKeyPath<StateDirectory.Memory, String?>, ability: String, of hub: HubAddress
    ) async throws -> String {
        var memory = state.recall()
        if let token = memory[keyPath: kept], try await HubClient(hub: hub, token: token).isTokenKnown() {
            return token
        }
        let token = try await makeToken(ability)
        memory[keyPath: kept] = token
        try state.remember(memory)
        return token
    }

    /// Who logs in, with the remembered password unless the hub refuses it; it is then not tried again.
    private func admin(_ user: String, _ client: HubClient) async throws -> ReadyReport.Admin {
        var memory = state.recall()
        if let password = memory.adminPassword {
            guard try await client.tryLogin(user: user, password: password) == .refused else {
                return .init(user: user, password: .known(password))
            }
            memory.adminPassword = nil
            memory.passwordWasChanged = true
            try state.remember(memory)
        }
        return .init(user: user, password: memory.passwordWasChanged == true ? .changed : .unknown(hub: state.hub.path))
    }

    private struct NewToken: Decodable {
        var token: String
    }

    private func makeToken(_ ability: String) async throws -> String {
        let line = try await parts.run(.token(state, ability: ability))
        guard let made = try? JSONDecoder().decode(NewToken.self, from: line) else {
            throw UpError.unexpectedReadyLine("hub's token command", "no token")
        }
        return made.token
    }
}

/// The line with which the hub says that it is ready.
private struct HubReady: Decodable {
    struct App: Decodable {
        var key: String
    }
    struct Admin: Decodable {
        var user: String
        var password: String?
    }
    var hub: String
    var app: App
    var admin: Admin

    init(line: Data) throws {
        guard let ready = try? JSONDecoder().decode(HubReady.self, from: line) else {
            throw UpError.unexpectedReadyLine("hub", String(decoding: line, as: UTF8.self))
        }
        self = ready
    }
}
