import Daemon
import Foundation
import TestSupport
import Testing
import UnitProtocol

/// The control endpoint, the report of a run and `iot sim verify`, as processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct FleetControlTests {
    /// One question over a connection of its own.
    private func ask(_ port: Int, _ method: String, _ path: String, token: String? = nil, body: String = "") throws
        -> String
    {
        let socket = try RawSocket("127.0.0.1", port: port)
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        socket.write(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(authorization)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        return socket.readToEnd() ?? ""
    }

    private func port(_ ready: String) throws -> Int {
        try #require(ready.firstMatch(of: /"control":"http:\/\/127\.0\.0\.1:(\d+)"/).flatMap { Int($0.1) })
    }

    private func write(_ yaml: String, to directory: URL) throws -> String {
        let file = directory.appending(path: "fleet.yaml")
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    @Test("a fault begins now for whoever has the token, also in workers; a wrong token, fault or path is refused")
    func control() async throws {
        try await withTemporaryDirectory { directory in
            let file = try write("cohorts: [{name: u, kind: read, count: 4, addresses: 127.38.1.1}]", to: directory)
            let token = directory.appending(path: "token")
            let process = try BuiltCommand.start([
                "sim", "fleet", file, "--json", "--stop-with-parent", "--workers", "2", "--control", "0",
                "--control-token-file", token.path,
            ])
            let port = try port(try await process.readyLine(within: .seconds(90)))
            let secret = try String(contentsOf: token, encoding: .utf8).trimmingCharacters(in: .newlines)
            let mode = try FileManager.default.attributesOfItem(atPath: token.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)

            let client = try RawSocket("127.38.1.2", port: UnitPort.firmware)
            #expect(!client.read(1).isEmpty)
            let fault = #"{"fault": "reset", "unit": "u-2"}"#
            for wrong in [nil, "", "x", String(secret.dropLast()), secret + "x"] as [String?] {
                #expect(try ask(port, "GET", "/state", token: wrong).hasPrefix("HTTP/1.1 401"))
                #expect(try ask(port, "POST", "/faults", token: wrong, body: fault).hasPrefix("HTTP/1.1 401"))
            }
            #expect(try ask(port, "POST", "/faults", token: secret, body: fault).hasSuffix("{\"units\":1}\n"))
            _ = client.readToEnd()
            #expect(client.wasReset)
            let all = #"{"fault": "garbage", "share": 0.5, "for": "1m"}"#
            #expect(try ask(port, "POST", "/faults", token: secret, body: all).hasSuffix("{\"units\":2}\n"))
            for (body, problem) in [
                ("{", "400"), (#"{"fault": "fire"}"#, "must be one of"),
                (#"{"fault": "reset", "unit": "v"}"#, "not the name"),
                (#"{"fault": "reset", "at": "1s"}"#, "not a key that is known"),
            ] { #expect(try ask(port, "POST", "/faults", token: secret, body: body).contains(problem)) }
            let metrics = try ask(port, "GET", "/metrics")
            #expect(metrics.contains("iot_sim_faults_total{fault=\"garbage\"} 2\n"))
            #expect(metrics.contains("iot_sim_cuts_total 1\n"))
            #expect(try ask(port, "GET", "/state", token: secret).contains("\"faulty\":2"))
            #expect(try ask(port, "GET", "/other").hasPrefix("HTTP/1.1 404"))
            #expect(try ask(port, "GET", "/faults").hasPrefix("HTTP/1.1 405"))
            await process.stop(within: .seconds(20))
        }
    }

    @Test("the control endpoint takes 16 connections and 64 KiB of a question; without a token file nobody may disturb")
    func limits() async throws {
        try await withTemporaryDirectory { directory in
            let file = try write("cohorts: [{name: u, kind: read, addresses: 127.38.5.1}]", to: directory)
            let process = try BuiltCommand.start([
                "sim", "fleet", file, "--json", "--stop-with-parent", "--control", "0",
            ])
            let port = try port(try await process.readyLine(within: .seconds(90)))
            #expect(try ask(port, "POST", "/faults", token: "x", body: "{}").hasPrefix("HTTP/1.1 403"))
            #expect(try ask(port, "GET", "/state").hasPrefix("HTTP/1.1 403"))
            let body = String(repeating: " ", count: 64 * 1024)
            #expect(try ask(port, "POST", "/faults", body: body).hasPrefix("HTTP/1.1 403"))
            #expect(!(try ask(port, "POST", "/faults", body: body + " ").hasPrefix("HTTP")))
            var idle: [RawSocket] = []
            // Those before are counted until the server has seen their ends.
            try await eventually("16 are taken") {
                idle = try (0..<16).map { _ in try RawSocket("127.0.0.1", port: port) }
                for socket in idle.dropLast() { socket.write("GET /metrics HTTP/1.1\r\n") }
                idle.last?.write("GET /metrics HTTP/1.1\r\n\r\n")
                return idle.popLast()?.readToEnd()?.hasPrefix("HTTP/1.1 200") ?? false
            }
            try await eventually("17 are not") {
                idle += [try RawSocket("127.0.0.1", port: port)]
                idle.last?.write("GET /metrics HTTP/1.1\r\n")
                return !(try ask(port, "GET", "/metrics").hasPrefix("HTTP"))
            }
            #expect(idle.count >= 15)
            try await eventually("those that ask nothing have to make room") {
                try ask(port, "GET", "/metrics").hasPrefix("HTTP/1.1 200")
            }
            withExtendedLifetime(idle) {}
            let second = try await FinishedCommand.run(["sim", "fleet", file, "--control", "\(port)"])
            #expect(
                second.errors == [
                    "Error: the control endpoint cannot listen on 127.0.0.1 port \(port): Address already in use; "
                        + "name another port, or 0 for a free one"
                ])
            await process.stop(within: .seconds(20))
        }
    }

    @Test("the report of a run and what a sink has received show loss, duplicates and a wrong order")
    func verify() async throws {
        try await withTemporaryDirectory { directory in
            let file = try write(
                "cohorts: [{name: u, kind: read, count: 2, addresses: 127.38.2.1, signal: counter, period: 20ms}]",
                to: directory)
            let (run, junit) = (directory.appending(path: "run.json"), directory.appending(path: "run.xml"))
            let process = try BuiltCommand.start([
                "sim", "fleet", file, "--json", "--stop-with-parent", "--report", run.path, "--junit", junit.path,
            ])
            _ = try await process.readyLine(within: .seconds(90))
            let clients = try (1...2).map { try RawSocket("127.38.2.\($0)", port: UnitPort.firmware) }
            for client in clients { #expect(client.read(40).utf8.count == 40) }
            await process.stop(within: .seconds(20))
            #expect(await process.waitForEnd() == "exit code 0")
            #expect(try String(contentsOf: junit, encoding: .utf8).contains("tests=\"5\""))
            // All that they had not read yet is still to come; the 40 bytes were the numbers up to 16.
            let rest = clients.map { $0.readToEnd() ?? "" }
            let read = (0...16).map { "\($0)\n" }.joined()
            let received = zip(["u-1", "127.38.2.2"], rest).flatMap { unit, rest in
                (read.prefix(40) + rest).split(separator: "\n").map { "\(unit) \($0)" }
            }
            func verdict(_ lines: [String]) async throws -> FinishedCommand {
                let sink = directory.appending(path: "sink.txt")
                try lines.joined(separator: "\n").write(to: sink, atomically: true, encoding: .utf8)
                return try await FinishedCommand.run(["sim", "verify", run.path, sink.path])
            }
            let whole = try await verdict(received)
            #expect(whole.end == "exit code 0", "\(whole)")
            var spoilt = received
            spoilt.swapAt(3, 4)
            spoilt.append(received[1])
            spoilt.remove(at: 6)
            let found = try await verdict(spoilt)
            #expect(found.end == "exit code 1")
            #expect(found.output.first?.hasPrefix("u-1: 1 of ") == true, "\(found)")
            #expect(found.output.first?.hasSuffix("lost (6); 1 came twice; 1 came after a later one") == true)
        }
    }

    @Test("units that do not count are no matter of a verdict, and the other unit at an address is told from its own")
    func verifyMixed() async throws {
        try await withTemporaryDirectory { directory in
            let file = try write(
                """
                cohorts:
                  - {name: u, kind: read, count: 1, addresses: 127.38.3.1, signal: counter, period: 20ms}
                  - {name: v, kind: read, count: 1, addresses: 127.38.3.2}
                timeline:
                  - {at: 0s, fault: duplicate-address, unit: u-1, change: 300ms}
                """, to: directory)
            let run = directory.appending(path: "run.json")
            let process = try BuiltCommand.start([
                "sim", "fleet", file, "--json", "--stop-with-parent", "--report", run.path,
            ])
            _ = try await process.readyLine(within: .seconds(90))
            // Both units have lines in what it reads: a reset comes at each change.
            let first = try RawSocket("127.38.3.1", port: UnitPort.firmware).readToEnd() ?? ""
            let second = try RawSocket("127.38.3.1", port: UnitPort.firmware).readToEnd() ?? ""
            let lines = (first + second).split(separator: "\n").compactMap { Int($0) }
            #expect(lines.contains { $0 >= 1_000_000_000 } && lines.contains { $0 < 1000 })
            await process.stop(within: .seconds(20))
            let sink = directory.appending(path: "sink.txt")
            let text = lines.map { "u-1 \($0)\n" }.joined() + "v-1 5\n127.38.3.2 5\n"
            try text.write(to: sink, atomically: true, encoding: .utf8)
            let found = try await FinishedCommand.run(["sim", "verify", run.path, sink.path, "--json"])
            #expect(found.output.first?.contains(#""duplicates":0,"foreign":0,"late":0"#) == true, "\(found)")
            #expect(found.output.first?.contains(#""units":1,"unreadable":0"#) == true, "\(found)")
            try "u-1 1000000000\nu-1 1000000000\n".write(to: sink, atomically: true, encoding: .utf8)
            let twice = try await FinishedCommand.run(["sim", "verify", run.path, sink.path])
            #expect(twice.output.first?.contains("of the other unit at its address: ") == true, "\(twice)")
            #expect(twice.output.first?.hasSuffix("1 came twice") == true, "\(twice)")
        }
    }

    @Test("a report that could not be written is known before the run; so is a report that is none")
    func unwritable() async throws {
        try await withTemporaryDirectory { directory in
            let file = try write("cohorts: [{name: u, kind: read, addresses: 127.38.4.1}]", to: directory)
            for option in ["--report", "--junit"] {
                let path = directory.appending(path: "none/run").path
                let found = try await FinishedCommand.run(["sim", "fleet", file, option, path])
                #expect(found.errors == ["Error: \(path) cannot be written: No such file or directory"])
                #expect(found.end == "exit code 1")
            }
            let report = directory.appending(path: "run.json")
            for measured in ["-1", "9223372036854775807"] {
                let json = """
                    {"fleet":"f","seed":1,"shard":"1/1","ended":"","seconds":1,"workers":1,"counts":\(Self.counts),
                    "lagMicroseconds":{},"missedFaults":[],"units":[{"name":"a","ip":"b","measured":\(measured)}]}
                    """
                try json.write(to: report, atomically: true, encoding: .utf8)
                let found = try await FinishedCommand.run(["sim", "verify", report.path, file])
                #expect(found.errors.first?.contains("cannot have measured less than none") == true, "\(found)")
                #expect(found.end == "exit code 2")
            }
            let other = #"{"fleet": "f", "seed": 1, "shard": 7}"#
            try other.write(to: report, atomically: true, encoding: .utf8)
            let found = try await FinishedCommand.run(["sim", "verify", report.path, file])
            #expect(found.errors.first?.hasPrefix("Error: \(report.path) is not the report of a run: shard: ") == true)
            #expect(found.end == "exit code 2")
        }
    }

    private static let counts = """
        {"units":1,"waiting":0,"booting":0,"listening":0,"served":0,"faulty":0,"lines":0,"bytes":0,"connects":0,"ends":0,
        "cuts":0,"shows":0,"failedAccepts":0,"discardedBytes":0,"faults":{}}
        """
}
