import Foundation
import TestSupport
import Testing

/// `iot base check` as a process.
@Suite(.timeLimit(.minutes(5)))
struct BaseCheckTests {
    private func check(_ text: String?, _ more: String...) async throws -> (end: String?, output: [String]) {
        try await check(more) { file in
            try text?.write(to: file, atomically: true, encoding: .utf8)
            if text != nil { chmod(file.path, 0o600) }
        }
    }

    private func check(
        _ more: [String] = [], _ make: (URL) throws -> Void
    ) async throws -> (end: String?, output: [String]) {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "config.json")
            try make(file)
            let command = try BuiltCommand.start(["base", "check", "--config", file.path] + more)
            async let errors = command.errorLines?.reduce(into: [String]()) { $0.append($1) }
            let output = await command.lines.reduce(into: [String]()) { $0.append($1) } + (await errors ?? [])
            return (await command.waitForEnd(), output.map { $0.replacing(file.path, with: "config.json") })
        }
    }

    @Test("CF-001: a right configuration is right, and what should be looked at is said")
    func right() async throws {
        let (end, output) = try await check(
            #"""
            {"clients": ["192.168.1.20", "192.168.1.20"], "api": {"url": "http://dash.example/", "token": "t"},
             "pusher": {"app-key": "k", "cluster": "eu"}}
            """#)
        #expect(end == "exit code 0")
        #expect(
            output == [
                "warning: clients[1]: 192.168.1.20 is listed twice; read once",
                "warning: api.url: ends with a slash; it is read without",
                "warning: api.url: is not encrypted: the token crosses the network in clear; use https",
                "config.json is right: 1 unit to read",
            ])
    }

    @Test("a token that stands nowhere is looked over on demand, and then nothing else is")
    func withoutSecrets() async throws {
        let text = #"{"clients": [], "api": {"url": "https://d.example"}, "pusher": {"app-key": "k", "cluster": "eu"}}"#
        #expect(try await check(text).end == "exit code 1")
        let (end, output) = try await check(text, "--without-secrets")
        #expect(end == "exit code 0")
        #expect(output == ["config.json is right: 0 units to read"])
        let (wrongEnd, wrong) = try await check(text.replacing("https:", with: "ftp:"), "--without-secrets")
        #expect(wrongEnd == "exit code 1")
        #expect(
            wrong == ["config.json: api.url: must be an http or https address such as https://dashboard.example.org"])
    }

    @Test(
        "a port that is none, and a folder that cannot be one, are told before anything starts; an empty token is none")
    func impossible() async throws {
        let text =
            #"{"clients": [], "api": {"url": "http://127.0.0.1:99999", "token": ""}, "#
            + #""pusher": {"app-key": "k", "cluster": "eu"}, "outbox": {"directory": "config.json/state"}}"#
        let (end, output) = try await check(text, "--without-secrets")
        #expect(end == "exit code 1")
        #expect(
            output.map {
                $0.replacing(/cannot be a folder: .*\/config.json is/, with: "cannot be a folder: config.json is")
            } == [
                "config.json: api.url: has no port from 1 to 65535",
                "config.json: outbox.directory: cannot be a folder: config.json is there and is none",
            ])
    }

    @Test("a command that is not there is said to be so, with those that are")
    func noCommand() async throws {
        let done = try await FinishedCommand.run(["base", "chekc"])
        #expect(done.end == "exit code 64")
        #expect(
            done.errors.first
                == "Error: there is no command 'iot base chekc'; there are run, check, print-config, status, dead-letters, and "
                + "the configuration is named with --config")
    }

    @Test("CF-003: all that is wrong is said at once, and the exit code is 1")
    func wrong() async throws {
        let (end, output) = try await check(
            #"{"clients": ["kitchen"], "alow": [], "api": {"url": "dash"}, "commands": {"dwell": "soon", "queue": 0}}"#)
        #expect(end == "exit code 1")
        #expect(
            output == [
                #"config.json: clients[0]: "kitchen" is not an IPv4 address; write four numbers such as 192.168.1.20"#,
                "config.json: api.url: must be an http or https address such as https://dashboard.example.org",
                "config.json: api.token: is missing; write it, or name its file as api.token-file, or set IOT_API_TOKEN; "
                    + "where it is systemd's credential api-token, the service alone has it, and `iot base check "
                    + "--without-secrets` checks the rest",
                "config.json: pusher: is missing",
                "config.json: commands.dwell: must be a time such as 250ms, 1s, 5m or 2h",
                "config.json: commands.queue: must be from 1 to 1024, not 0",
                "config.json: alow: is not a key that is known here; known are: allow, api, clients, cluster, commands, "
                    + "discovery, live, operations, outbox, pusher, units, webhook",
            ])
    }

    @Test("a file that is missing, a pipe or no JSON is said to be so")
    func unreadable() async throws {
        let missing = try await check(nil)
        #expect(missing.end == "exit code 1")
        #expect(
            missing.output == [
                "Error: cannot read config.json: No such file or directory; name another file with --config"
            ])
        let pipe = try await check { file in #expect(mkfifo(file.path, 0o600) == 0) }
        #expect(pipe.end == "exit code 1")
        #expect(
            pipe.output == [
                "Error: cannot read config.json: it is a pipe, and only regular files are read; "
                    + "name another file with --config"
            ])
        let large = try await check { file in try Data(repeating: 0x20, count: 4 << 20 + 1).write(to: file) }
        #expect(large.end == "exit code 1")
        #expect(
            large.output == [
                "Error: config.json is larger than 4 MiB, more than any configuration needs; name another file with --config"
            ])
        let garbage = try await check("not json")
        #expect(garbage.end == "exit code 1")
        #expect(
            garbage.output == [
                "config.json: the document: is not JSON: line 1, column 1: a value is expected here"
            ])
    }
}
