import Daemon
import Foundation
import TestSupport
import Testing

/// `iot base` where the machine gives too little.
@Suite(.timeLimit(.minutes(5)))
struct BaseResourcesTests {
    /// Starts the base from a shell, as `exec iot base run …` with what `settings` says before or after it.
    private func start(
        clients: [String], in directory: URL, before: String = ":", after: String = ""
    ) throws -> ChildProcess {
        let file = directory.appending(path: "config.json")
        let configuration: [String: Any] = [
            "clients": clients, "api": ["url": "http://127.0.0.1:1", "token": "t"],
            "pusher": ["app-key": "k", "host": "127.0.0.1", "port": 1],
            "outbox": ["directory": directory.appending(path: "state").path],
        ]
        try JSONSerialization.data(withJSONObject: configuration).write(to: file)
        // A token that everybody may read would be told.
        chmod(file.path, 0o600)
        return try ChildProcess(
            name: "base", executable: URL(filePath: "/bin/sh"),
            arguments: [
                "-c",
                "\(before); exec '\(try BuiltCommand.executable().path)' base run --config '\(file.path)' "
                    + "--json --stop-with-parent \(after)",
            ], readsErrors: true)
    }

    @Test("a log that cannot be written ends nothing")
    func fullLog() async throws {
        try await withTemporaryDirectory { directory in
            let base = try start(clients: ["127.35.1.1"], in: directory, after: "2>/dev/full")
            #expect(try await base.readyLine(within: .seconds(90)) == #"{"ready":true,"units":1}"#)
            await base.stop(within: .seconds(30))
            #expect(await base.waitForEnd() == "exit code 0")
        }
    }

    @Test("more units than descriptors are refused before anything is connected")
    func descriptors() async throws {
        try await withTemporaryDirectory { directory in
            let clients = (0..<200).map { "127.35.2.\($0 + 1)" }
            let base = try start(clients: clients, in: directory, before: "ulimit -n 400")
            let errors = try #require(base.errorLines)
            #expect(
                await errors.first { _ in true }
                    == "Error: this process may open 400 descriptors, and 200 units need 632: 376 for them and the base's "
                    + "other connections and files, 256 in reserve; raise the hard limit to 632 or more (ulimit -Hn before "
                    + "the start, or LimitNOFILE= of the service)")
            #expect(await base.waitForEnd() == "exit code 1")
            let tight = try start(clients: clients, in: directory, before: "ulimit -n 200")
            let told = try #require(tight.errorLines)
            #expect(
                await told.first { _ in true }?.hasPrefix("Error: this process may open 200 descriptors, and 200")
                    == true)
            #expect(await tight.waitForEnd() == "exit code 1")
        }
    }

    @Test("a second base with the outbox of another is refused with a reason, and the first goes on")
    func sharedOutbox() async throws {
        try await withTemporaryDirectory { directory in
            let first = try start(clients: [], in: directory)
            _ = try await first.readyLine(within: .seconds(90))
            let second = await FinishedCommand.run(try start(clients: [], in: directory))
            #expect(second.end == "exit code 1")
            #expect(second.errors.count == 1 && second.errors.first?.hasPrefix("Error: ") == true, "\(second.errors)")
            await first.stop(within: .seconds(30))
            #expect(await first.waitForEnd() == "exit code 0")
        }
    }
}
