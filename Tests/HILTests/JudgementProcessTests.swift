import Daemon
import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// That a failure is told as one, and nothing else is, by real runs with units that are programs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JudgementProcessTests {
    /// A program that says it listens, and goes on with `rest`.
    private static func unit(_ rest: String) -> String {
        "#!/bin/sh\necho \"Open Telnet and connect to IP:$1 on port 8888\"\n\(rest)\nexec cat > /dev/null\n"
    }

    private func start(
        _ suite: String, on boards: String, _ arguments: [String] = [], in folder: URL
    ) throws -> ChildProcess {
        try Data("name: s\n\(suite)".utf8).write(to: folder.appending(path: "suite.yaml"))
        try Data("name: r\nboards:\n\(boards)".utf8).write(to: folder.appending(path: "rig.yaml"))
        return try BuiltCommand.start(
            [
                "hil", "run", folder.appending(path: "suite.yaml").path, "--rig",
                folder.appending(path: "rig.yaml").path, "--lock-folder", folder.appending(path: "locks").path,
            ] + arguments)
    }

    private func write(_ program: String, as name: String, in folder: URL) throws -> String {
        let file = folder.appending(path: name)
        try Data(program.utf8).write(to: file)
        chmod(file.path, 0o755)
        return file.path
    }

    private func exists(_ name: String, in folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }

    /// Stops a run while its last step watches, until that has had its time.
    private func hold(
        _ process: ChildProcess, at step: String, for time: Duration, in folder: URL, meanwhile: () async throws -> Void
    ) async throws {
        let steps = folder.appending(path: "out/transcripts/1-s/runner-steps.log")
        try await eventually("the step that watches", within: .seconds(60)) {
            (try? String(contentsOf: steps, encoding: .utf8))?.contains(step) ?? false
        }
        #expect(kill(process.processIdentifier, SIGSTOP) == 0)
        defer { kill(process.processIdentifier, SIGCONT) }
        try await meanwhile()
        try await Task.sleep(for: time)
    }

    @Test("1: what a unit says while the runner does not run is heard before the step's end")
    func stoppedRunner() async throws {
        try await withTemporaryDirectory { folder in
            let says = "until test -e \(folder.path)/go; do sleep 0.1; done\necho PANIC\ntouch \(folder.path)/said"
            let program = try write(Self.unit(says), as: "unit", in: folder)
            let process = try start(
                "given: {s: {kind: read, abilities: [serial]}}\nsteps:\n  - serial lacks: {unit: s, text: PANIC, for: 10s}\n",
                on: "  b: {kind: read, driver: command, start: [\(program), '{address}']}\n",
                ["--output", folder.appending(path: "out").path], in: folder)
            let done = Task { await FinishedCommand.run(process) }
            try await hold(process, at: "serial lacks", for: .seconds(10), in: folder) {
                try Data().write(to: folder.appending(path: "go"))
                try await eventually("what the unit says", within: .seconds(60)) { exists("said", in: folder) }
            }
            #expect(await done.value.end == "exit code 1")
            #expect(await done.value.output.contains { $0.hasSuffix("says what it should not: PANIC") })
        }
    }

    @Test("1: what a client gets while the runner does not run is no silence")
    func stoppedClient() async throws {
        try await withTemporaryDirectory { folder in
            // It measures twice a second or less often.
            let process = try start(
                "given: {s: {kind: read, abilities: [network]}}\nsteps:\n  - connect: {unit: s}\n"
                    + "  - client expects: {lines: 1}\n  - client expects: {silence: 1500ms}\n",
                on: "  b: {kind: read, driver: simulated}\n", ["--output", folder.appending(path: "out").path],
                in: folder)
            let done = Task { await FinishedCommand.run(process) }
            try await hold(process, at: "silence", for: .seconds(2), in: folder) {}
            #expect(await done.value.end == "exit code 1")
            #expect(await done.value.output.contains { $0.contains("bytes, and should hear nothing") })
        }
    }

    @Test("1: a unit that does not come up again has failed, whichever step has started it")
    func onceOnly() async throws {
        for steps in [
            "  - power: {unit: s, to: cycle}", "  - reset: s", "  - kill: s\n  - start: s", "  - stop: s\n  - start: s",
        ] {
            try await withTemporaryDirectory { folder in
                let once =
                    "#!/bin/sh\ntest -e \(folder.path)/once && { echo 'settings are corrupt' >&2; exit 3; }\n"
                    + "touch \(folder.path)/once\n"
                let program = try write(once + Self.unit("").dropFirst(10), as: "unit", in: folder)
                let process = try start(
                    "given: {s: {kind: read, abilities: [power, reset]}}\nsteps:\n\(steps)\n",
                    on: "  b: {kind: read, driver: command, start: [\(program), '{address}']}\n", in: folder)
                let done = await FinishedCommand.run(process)
                #expect(done.end == "exit code 1", "\(steps)")
                #expect(
                    done.output.contains {
                        $0.hasSuffix("s ended before it was ready (exit code 3); it said: settings are corrupt")
                    }, "\(steps): \(done.output)")
            }
        }
    }

    @Test("1: what was found to be wrong is told, though a part of the rig is gone as well")
    func judgementStands() async throws {
        try await withTemporaryDirectory { folder in
            let address = try AddressPool.ofTests.take()
            let listener = try Cable.listen(address, UnitPort.firmware).handle
            defer { close(listener) }
            let readback = try write(
                "#!/bin/sh\necho $$ > \(folder.path)/pid\necho '#000000'\n"
                    + "until test -e \(folder.path)/go; do sleep 0.1; done\n", as: "readback", in: folder)
            // Fails once the readback has ended.
            let fails = try write(
                "#!/bin/sh\ncd \(folder.path)\nuntil test -s pid; do sleep 0.1; done\ntouch go\n"
                    + "while kill -0 $(cat pid) 2> /dev/null; do sleep 0.1; done\nexit 1\n", as: "fails", in: folder)
            let process = try start(
                "given: {l: {kind: lamp, abilities: [network, lamp-readback]}}\nsteps:\n"
                    + "  - run: {command: [\(fails)]}\n    within: 60s\n",
                on: "  b: {kind: lamp, driver: serial, address: \(address), wiring: {lamp-readback: [\(readback)]}}\n",
                in: folder)
            let done = await FinishedCommand.run(process)
            #expect(done.end == "exit code 1")
            #expect(
                done.output.contains {
                    $0.hasSuffix(
                        "\(fails) ended with exit code 1, not exit code 0; l's readback has ended (exit code 0): "
                            + "nothing is known of what it shows")
                }, "\(done.output)")
        }
    }
}
