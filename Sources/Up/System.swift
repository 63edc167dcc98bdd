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
        var memory = state.recall()
        if let password = ready.admin.password {
            memory = StateDirectory.Memory(adminPassword: password)
        }
        let hub = try HubAddress(url: ready.hub)
        memory = try await renewTokens(of: memory, hub: hub)
        guard let adminToken = memory.adminToken, let baseToken = memory.baseToken else {
            throw UpError.unexpectedReadyLine("hub's token command", "")
        }
        let client = HubClient(hub: hub, token: adminToken)
        try await client.addMissingDevices(plan.units)

        try state.write(Data(plan.fleetFile.utf8), to: state.fleetFile)
        _ = try await parts.start(.fleet(state))
        let configuration = try plan.baseConfiguration(hub: hub, appKey: ready.app.key, token: baseToken)
        try state.write(configuration, to: state.baseConfiguration)
        _ = try await parts.start(.base(state))

        let user = ready.admin.user
        var password = memory.adminPassword
        if let remembered = password, try await !client.canLogIn(user: user, password: remembered) {
            password = nil
        }
        try report(
            ReadyReport(
                hub: ready.hub, token: adminToken, admin: .init(user: user, password: password), units: plan.units))
        return hub
    }

    /// Makes the tokens that are missing, or that the hub does not take any more.
    private func renewTokens(of memory: StateDirectory.Memory, hub: HubAddress) async throws -> StateDirectory.Memory {
        var memory = memory
        if let token = memory.adminToken, memory.baseToken != nil,
            try await HubClient(hub: hub, token: token).isTokenValid()
        {
            return memory
        }
        memory.adminToken = try await makeToken("admin")
        memory.baseToken = try await makeToken("base")
        try state.remember(memory)
        return memory
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
