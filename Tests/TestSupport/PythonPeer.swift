import Daemon
import Foundation
import Testing

/// An independent peer: a script in Tests/Peers that talks to our part with other people's libraries.
public enum PythonPeer {
    /// The interpreter of the peers' virtual environment, which `make peers` makes; the environment variable
    /// `IOT_PEERS_PYTHON` names another one. Nil when there is none.
    public static var interpreter: URL? {
        let path =
            ProcessInfo.processInfo.environment["IOT_PEERS_PYTHON"]
            ?? repositoryRoot.appending(path: ".build-peers/venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? URL(filePath: path) : nil
    }

    /// Whether tests with peers run: where the peers are, and in CI always, so that a missing peer fails there.
    public static var isExpected: Bool {
        interpreter != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// For `@Test(.enabled(if:, PythonPeer.reason))`.
    public static let reason: Comment = "the peers are not installed; run make peers"

    private static let esptool = ["ESPTOOL_CFGFILE": repositoryRoot.appending(path: "Tests/Peers/esptool.cfg").path]

    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Starts a script that goes on until it is stopped.
    public static func start(_ script: String, _ arguments: [String] = []) throws -> ChildProcess {
        guard let interpreter else { throw Failed(description: "\(reason)") }
        return try ChildProcess(
            name: script, executable: interpreter,
            arguments: ["-u", repositoryRoot.appending(path: "Tests/Peers/\(script)").path] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(esptool) { $1 }, readsErrors: true)
    }

    /// Runs a script to its end.
    ///
    /// - Returns: Its lines on stdout.
    /// - Throws: ``Failed`` with what it said on stderr when it does not exit with 0 within `limit`.
    public static func run(
        _ script: String, _ arguments: [String] = [], within limit: Duration = .seconds(120)
    ) async throws -> [String] {
        let peer = try start(script, arguments)
        async let output = peer.lines.reduce(into: [String]()) { $0.append($1) }
        async let errors = peer.errorLines?.suffix(30) ?? []
        let timer = Task {
            try await Task.sleep(for: limit)
            await peer.stop(within: .seconds(1))
        }
        let status = await peer.waitForEnd() ?? "cancelled"
        timer.cancel()
        guard status == "exit code 0" else {
            // Why comes first: a summary of many tests shows one line of each.
            let said = await output + errors
            throw Failed(
                description: "\(script) ended with \(status) (limit \(limit)): \(said.last ?? "nothing was said")\n"
                    + said.joined(separator: "\n"))
        }
        return await output
    }
}

extension AsyncStream<String> {
    fileprivate func suffix(_ count: Int) async -> [String] {
        await reduce(into: []) { lines, line in
            lines.append(line)
            if lines.count > count { lines.removeFirst() }
        }
    }
}
