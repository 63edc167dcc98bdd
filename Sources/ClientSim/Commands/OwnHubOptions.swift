import ArgumentParser

/// Of the hub that an interface brings along where it stands alone.
struct OwnHubOptions: ParsableArguments {
    @Option(help: "The address that its pages are served on; 0.0.0.0 for all.")
    var host = "127.0.0.1"

    @Option(help: "Their port; 0 takes a free one.")
    var port = 8081

    @Option(
        help: ArgumentHelp(
            "Where its state is kept (default: ~/.local/state/iot-interface); it is made, or must be one in which only you may write.",
            valueName: "directory"), completion: .directory)
    var state: String?

    /// Whether all is as it is when nothing is said.
    var isStandard: Bool { host == "127.0.0.1" && port == 8081 && state == nil }

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be from 0 to 65535, not \(port)")
        }
    }
}

extension OwnHub {
    static func start(name: String, options: OwnHubOptions) async throws -> OwnHub {
        try await start(name: name, host: options.host, port: options.port, state: options.state)
    }
}
