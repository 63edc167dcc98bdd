import ArgumentParser
import Daemon
import Foundation
import Settings

/// `iot hub run`: serves until it is stopped.
struct HubRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serve the dashboard, its API, and the broker.",
        discussion: """
            The first start makes a user, admin, and prints its password once:
              iot hub run --state ./hub-state --port 8080 --retention 30d
            """)

    @Option(help: "The address to listen on. The hub speaks plain HTTP: put a proxy with TLS before other addresses.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port: UInt16 = 8080

    @OptionGroup var state: StateOption

    @Option(help: "How long measurements are kept: 12h, 30d.")
    var retention = "30d"

    @Option(help: "A URL that is told of occupied and vacated channels, members, client events; may be repeated.")
    var webhook: [String] = []

    @Flag(
        help:
            "Encrypt requests end to end, with the master key in app.json; bases need pusher.encryption preferred or required."
    )
    var encrypt = false

    @Flag(help: "Print one line of JSON when the hub is ready.")
    var json = false

    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
        let logger = daemon.logger("hub")
        let configuration = try configuration()
        let hub = try HubServer(configuration: configuration, logger: logger)
        defer { hub.close() }
        let services = try await hub.services { ready in
            logger.info(
                "hub.ready", metadata: ["host": "\(host)", "port": "\(ready.port)", "state": "\(state.path)"])
            do {
                try announce(ready, of: hub)
            } catch {
                logger.error("hub.ready.not-printed", metadata: ["error": "\(error)"])
            }
        }
        try await Daemon.run(services, options: daemon, logger: logger)
    }

    private func configuration() throws -> HubConfiguration {
        guard let keep = Duration(settingsText: retention), keep > .zero else {
            throw HubError.badRetention(retention)
        }
        let webhooks = try webhook.map { text in
            guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host() != nil else {
                throw HubError.badWebhook(text)
            }
            return url
        }
        return HubConfiguration(
            host: host, port: Int(port), stateDirectory: state.path, retention: keep, webhooks: webhooks,
            encryptsRequests: encrypt)
    }

    private func announce(_ ready: HubServer.Ready, of hub: HubServer) throws {
        let line = ReadyLine(host: host, ready: ready, credentials: hub.credentials)
        if json {
            try Daemon.printLine(line)
        } else {
            try FileHandle.standardOutput.write(contentsOf: Data(line.text.utf8))
        }
    }
}

/// What the hub says when it is ready.
struct ReadyLine: Encodable, Equatable {
    struct App: Encodable, Equatable {
        let id: String
        let key: String
    }

    struct Admin: Encodable, Equatable {
        let user: String
        /// nil when the user was made at an earlier start.
        let password: String?

        private enum CodingKeys: String, CodingKey { case user, password }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(user, forKey: .user)
            try container.encode(password, forKey: .password)
        }
    }

    let hub: String
    let app: App
    let admin: Admin

    init(host: String, ready: HubServer.Ready, credentials: HubCredentials) {
        hub = "http://\(host.contains(":") ? "[\(host)]" : host):\(ready.port)"
        app = App(id: credentials.id, key: credentials.key)
        admin = Admin(user: HubServer.firstUser, password: ready.password)
    }

    /// For people.
    var text: String {
        var lines = ["The dashboard is at \(hub)"]
        if let password = admin.password {
            lines.append("Log in as \(admin.user) with the password \(password)")
            lines.append("It is shown this once; iot hub user password makes a new one.")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
