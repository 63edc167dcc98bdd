import Daemon
import Foundation
import Glibc
import TestSupport
import Testing
import UnitProtocol

/// `iot sim fleet` in several processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct FleetWorkersTests {
    /// Starts the command with a limit of descriptors, soft and hard.
    private func start(descriptors: Int, _ arguments: [String]) throws -> ChildProcess {
        let command = try BuiltCommand.executable().path
        return try ChildProcess(
            name: "iot sim fleet", executable: URL(filePath: "/bin/sh"),
            arguments: ["-c", "ulimit -n \(descriptors); exec \"$@\"", "sh", command] + arguments, readsErrors: true)
    }

    /// The children of a process; each of its threads may have started some.
    private func workers(of process: ChildProcess) -> [Int32] {
        let tasks = "/proc/\(process.processIdentifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.flatMap { thread in
            let text = (try? String(contentsOfFile: "\(tasks)/\(thread)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { Int32($0) }
        }
    }

    /// Stops a process; returns when the last of its threads has stopped.
    private func stop(_ process: Int32) async throws {
        kill(process, SIGSTOP)
        try await eventually("all threads stop", within: .seconds(30)) {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").allSatisfy { thread in
                let text = try String(contentsOfFile: "/proc/\(process)/task/\(thread)/stat", encoding: .utf8)
                return text.split(separator: ")").last?.hasPrefix(" T") ?? false
            }
        }
    }

    private func withFleet(
        _ count: Int, _ address: String, _ body: (_ file: URL, _ directory: URL) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "fleet.yaml")
            let yaml = "cohorts: [{name: u, kind: read, count: \(count), addresses: \(address), signal: counter}]\n"
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            try await body(file, directory)
        }
    }

    @Test("a fleet of 3000 that one process may not open is in three, all of its units there")
    func split() async throws {
        try await withFleet(3000, "127.37.0.0/20") { file, directory in
            let report = directory.appending(path: "run.json")
            let process = try start(
                descriptors: 2400, ["sim", "fleet", file.path, "--json", "--stop-with-parent", "--report", report.path])
            let ready = try await process.readyLine(within: .seconds(90))
            #expect(ready.matches(of: /"name"/).count > 0)
            #expect(workers(of: process).count == 3)
            // Every hundredth, the first and the last: each worker has some.
            let places = Array(stride(from: 0, to: 3000, by: 100)) + [2999]
            let first = try IPv4Address("127.37.0.1")
            let clients = try places.map { place in
                try RawSocket("\(try #require(first.advanced(by: UInt32(place))))", port: UnitPort.firmware)
            }
            for client in clients { #expect(client.read(2) == "0\n") }
            await process.stop(within: .seconds(30))
            #expect(await process.waitForEnd() == "exit code 0")
            let run = try String(contentsOf: report, encoding: .utf8)
            #expect(run.contains("\"workers\" : 3"))
            #expect(run.matches(of: /"name" : "u-/).count == 3000)
            #expect(run.contains("\"connects\" : 31"))
        }
    }

    @Test("a worker that dies ends the run in words; a parent that dies ends its workers")
    func deaths() async throws {
        try await withFleet(10, "127.37.32.1") { file, directory in
            let report = directory.appending(path: "run.json")
            let process = try BuiltCommand.start([
                "sim", "fleet", file.path, "--json", "--stop-with-parent", "--workers", "2", "--report", report.path,
            ])
            _ = try await process.readyLine(within: .seconds(90))
            kill(try #require(workers(of: process).first), SIGKILL)
            let error = await process.errorLines?.first { $0.hasPrefix("Error") } ?? ""
            #expect(
                error.wholeMatch(of: /Error: worker [12]\/2 has ended \(signal 9\), so the fleet is not whole.*/) != nil
            )
            #expect(await process.waitForEnd() == "exit code 1")
            // What the other one has done is not lost.
            let run = try String(contentsOf: report, encoding: .utf8)
            #expect(run.contains("\"silentWorkers\" : 1") && run.matches(of: /"measured"/).count == 5)

            let other = try BuiltCommand.start(["sim", "fleet", file.path, "--json", "--workers", "2"])
            _ = try await other.readyLine(within: .seconds(90))
            let children = workers(of: other)
            #expect(children.count == 2)
            kill(other.processIdentifier, SIGKILL)
            try await eventually("its workers end", within: .seconds(30)) { children.allSatisfy { kill($0, 0) != 0 } }
        }
    }

    @Test("a worker that does not answer holds nothing up, and is told of by metrics, by the report and by the end")
    func silence() async throws {
        try await withFleet(10, "127.37.35.1") { file, directory in
            let (report, junit) = (directory.appending(path: "run.json"), directory.appending(path: "run.xml"))
            let process = try BuiltCommand.start([
                "sim", "fleet", file.path, "--json", "--stop-with-parent", "--workers", "2", "--control", "0",
                "--report", report.path, "--junit", junit.path,
            ])
            let ready = try await process.readyLine(within: .seconds(90))
            let port = try #require(ready.firstMatch(of: /127\.0\.0\.1:(\d+)"/).flatMap { Int($0.1) })
            func metrics() throws -> String {
                let socket = try RawSocket("127.0.0.1", port: port, timeout: 25)
                socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return socket.readToEnd() ?? ""
            }
            #expect(try metrics().contains("iot_sim_silent_workers 0\n"))
            let stopped = try #require(workers(of: process).first)
            try await stop(stopped)
            #expect(try metrics().contains("iot_sim_silent_workers 1\n"))
            kill(stopped, SIGCONT)
            try await eventually("it is heard again", within: .seconds(60)) {
                try metrics().contains("iot_sim_silent_workers 0\n")
            }
            // Nobody has asked it since: that it is silent is found out at the end.
            try await stop(stopped)
            await process.stop(within: .seconds(30))
            #expect(await process.waitForEnd() == "exit code 1")
            let errors = await process.errorLines?.reduce(into: "") { $0 += $1 + "\n" } ?? ""
            #expect(errors.contains("Error: 1 of 2 workers have not answered"), "\(errors)")
            #expect(try String(contentsOf: report, encoding: .utf8).contains("\"silentWorkers\" : 1"))
            #expect(try String(contentsOf: junit, encoding: .utf8).contains("failures=\"1\""))
            #expect(kill(stopped, 0) != 0)
        }
    }

    @Test("two parts of a fleet have all of its units, each once")
    func shards() async throws {
        try await withFleet(5, "127.37.33.1") { file, _ in
            var names: [String] = []
            for shard in ["1/2", "2/2"] {
                let process = try BuiltCommand.start([
                    "sim", "fleet", file.path, "--json", "--stop-with-parent", "--shard", shard,
                ])
                let ready = try await process.readyLine(within: .seconds(90))
                names += ready.matches(of: /"name":"(u-\d)"/).map { String($0.1) }
                await process.stop(within: .seconds(20))
            }
            #expect(names == ["u-1", "u-3", "u-5", "u-2", "u-4"])
            let none = try await FinishedCommand.run(["sim", "fleet", file.path, "--shard", "8/9"])
            #expect(none.errors == ["Error: part 8/9 of a fleet of 5 units has none; take parts of 5 at most"])
        }
    }

    @Test("where the hard limit is too low for any number of workers it says what to do")
    func tooLow() async throws {
        try await withFleet(3000, "127.37.34.1") { file, _ in
            let process = try start(descriptors: 300, ["sim", "fleet", file.path])
            let error = await process.errorLines?.first { $0.hasPrefix("Error") } ?? ""
            #expect(
                error.hasPrefix("Error: 3000 units would need more than 64 processes, of which each may open only 44"))
            #expect(error.contains("ulimit -Hn"))
            #expect(await process.waitForEnd() == "exit code 1")
        }
    }
}
