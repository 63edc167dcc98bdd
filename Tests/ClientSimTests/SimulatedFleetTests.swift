import Foundation
import TestSupport
import Testing
import UnitProtocol

/// `iot sim fleet` as a process.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SimulatedFleetTests {
    private func fleet(
        _ yaml: String, _ arguments: [String] = [], _ body: (_ file: URL, _ directory: URL) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "fleet.yaml")
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            try await body(file, directory)
        }
    }

    @Test("with --json it says which units listen, and each colour that a lamp shows")
    func json() async throws {
        try await fleet("cohorts: [{name: lamp, kind: updatable, addresses: 127.34.1.1}]") { file, _ in
            let process = try BuiltCommand.start(["sim", "fleet", file.path, "--json", "--stop-with-parent"])
            #expect(
                try await process.readyLine(within: .seconds(90))
                    == #"{"units":[{"ip":"127.34.1.1","kind":"updatable","name":"lamp-1","port":8888}]}"#)
            let sender = try RawSocket("127.34.1.1", port: UnitPort.firmware)
            sender.write("#0f0\r")
            let line = await process.lines.first { $0.contains("shows") }
            #expect(
                line?.replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
                    == ##"{"at":"TIME","shows":"#00ff00","unit":"lamp-1"}"##)
            await process.stop(within: .seconds(20))
        }
    }

    @Test("console text goes to a file a unit, and the same seed measures the same again")
    func consoleFiles() async throws {
        let yaml = """
            cohorts: [{name: s, kind: read, count: 2, addresses: 127.34.2.1, signal: uniform, period: 10ms, seed: 5}]
            """
        try await fleet(yaml) { file, directory in
            var runs: [[String]] = []
            for run in 1...2 {
                let folder = directory.appending(path: "run-\(run)")
                let process = try BuiltCommand.start([
                    "sim", "fleet", file.path, "--json", "--stop-with-parent", "--console-dir", folder.path,
                ])
                _ = try await process.readyLine(within: .seconds(90))
                let client = try RawSocket("127.34.2.1", port: UnitPort.firmware)
                #expect(client.read(60).utf8.count == 60)
                await process.stop(within: .seconds(20))
                let text = try String(contentsOf: folder.appending(path: "s-1.log"), encoding: .utf8)
                runs.append(text.split(whereSeparator: \.isNewline).map(String.init))
            }
            #expect(
                Array(runs[0].prefix(5)) == [
                    "Connecting to Wifi", "Connected to iot", "IP address: 127.34.2.1",
                    "Open Telnet and connect to IP:127.34.2.1 on port 8888", "Client Connected",
                ])
            let shorter = min(runs[0].count, runs[1].count)
            #expect(shorter > 15)
            #expect(Array(runs[0].prefix(15)) == Array(runs[1].prefix(15)))
        }
    }

    @Test("a CSV file is replayed, again from its start after its end")
    func replay() async throws {
        try await withTemporaryDirectory { directory in
            let csv = directory.appending(path: "values.csv")
            try "time,value\n1,10\n2,20\n3,30\n".write(to: csv, atomically: true, encoding: .utf8)
            let process = try BuiltCommand.start([
                "sim", "read", "--address", "127.34.3.1", "--signal", "csv:\(csv.path)", "--period", "10ms",
                "--console",
                "none",
            ])
            let client = try await eventually("the unit listens") {
                try? RawSocket("127.34.3.1", port: UnitPort.firmware)
            }
            #expect(client.read(15) == "10\n20\n30\n10\n20\n")
            await process.stop(within: .seconds(20))
        }
    }

    @Test(
        "what cannot be simulated is refused with the place and the reason, and nothing starts",
        arguments: [
            (
                "cohorts: [{name: a, kind: read, addresses: 127.34.4.0/30, count: 9}]",
                "cohorts[0].count (line 1): is 9, but 127.34.4.0/30 has room for 2 units"
            ),
            ("cohorts: []", "cohorts (line 1): is empty; describe at least one cohort"),
            ("- x", "the document: must be a map, not a list"),
            (
                "cohorts: [{name: a, kind: read, addresses: 127.34.4.1, signal: 'csv:nowhere.csv'}]",
                "cohorts[0].signal (line 1): the file nowhere.csv cannot be read: No such file or directory; name a CSV file"
            ),
            (
                "cohorts: [{name: a, kind: read, addresses: 127.34.4.1, signal: 'csv:/dev/zero'}]",
                "cohorts[0].signal (line 1): the file /dev/zero cannot be read: it is a device, and only regular files are read; name a CSV file"
            ),
            (
                "cohorts: [{name: a, kind: read, addresses: 127.34.4.1/99}]",
                #"cohorts[0].addresses (line 1): "127.34.4.1/99" is not an IPv4 network; write one such as 192.168.1.0/24"#
            ),
            (
                "cohorts: [{name: a, kind: read, addresses: 127.34.4.1, period: 0s}]",
                "cohorts[0].period (line 1): must be from 10ms to 1d, not 0s"
            ),
            (
                "cohorts: [{name: a, kind: read, addresses: [127.34.4.1, 127.34.4.1]}]",
                "cohorts[0].addresses (line 1): gives a-2 the address 127.34.4.1, which a-1 has already"
            ),
            (
                "cohorts: [{name: a, kind: read, addresses: 127.34.4.1, colour: red}]",
                "cohorts[0].colour (line 1): is not a key that is known here; known are: addresses, arrival, count, jitter, kind, name, period, port, profile, seed, signal"
            ),
        ])
    func refused(yaml: String, problem: String) async throws {
        try await fleet(yaml) { file, _ in
            let process = try BuiltCommand.start(["sim", "fleet", file.path])
            async let errors = process.errorLines?.reduce(into: [String]()) { $0.append($1) }
            #expect(await process.waitForEnd() == "exit code 1")
            #expect(await errors ?? [] == ["Error: \(file.path): \(problem)"])
        }
    }
}
