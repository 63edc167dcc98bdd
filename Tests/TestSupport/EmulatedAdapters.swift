import Daemon
import Foundation
import Testing

/// USB-serial adapters that do not exist, as programs see them that use the system's libusb: umockdev in the place of the
/// kernel, and behind it the models of `Tests/Peers/usb_chips.py`.
public struct EmulatedAdapters: Sendable {
    private let environment: [String: String]

    private struct Ready: Decodable {
        var environment: [String: String]
    }

    /// Debian's own: a virtual environment has no umockdev.
    private static let interpreter = URL(filePath: "/usr/bin/python3")

    /// Whether tests with adapters run: where umockdev is, and in CI always, so that a missing one fails there.
    public static var isExpected: Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/umockdev-run")
            || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    public static let reason: Comment = "umockdev is not installed; run make deps-test"

    /// Runs `body` beside adapters.
    ///
    /// - Parameter adapters: Each as `Tests/Peers/usb_adapters.py` describes it: `1-1.1,ch340,serial=0001`.
    /// - Returns: What `body` returns, and what has happened to the adapters, a line of JSON each.
    public static func run<Value: Sendable>(
        _ adapters: [String], isolation: isolated (any Actor)? = #isolation,
        _ body: (EmulatedAdapters) async throws -> Value
    ) async throws -> (value: Value, events: [String]) {
        let script = repositoryRoot.appending(path: "Tests/Peers/usb_adapters.py").path
        let peer = try ChildProcess(
            name: "usb_adapters.py", executable: interpreter, arguments: ["-u", "-B", script] + adapters)
        do {
            let line = try await peer.readyLine(within: .seconds(60))
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            let value = try await body(EmulatedAdapters(environment: ready.environment))
            await peer.stop(within: .seconds(20))
            return (value, await peer.lines.reduce(into: []) { $0.append($1) })
        } catch {
            await peer.stop(within: .seconds(20))
            throw error
        }
    }

    /// Starts one of this package's executables where it sees the adapters.
    public func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            name: name, executable: try BuiltCommand.executable(name), arguments: arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, readsErrors: true)
    }

    /// Runs one to its end.
    public func finish(_ name: String, _ arguments: [String]) async throws -> FinishedCommand {
        await FinishedCommand.run(try start(name, arguments), within: .seconds(60))
    }
}
