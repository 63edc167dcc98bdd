import Daemon
import Foundation
import Glibc
import TestSupport
import Testing
import UnitProtocol

/// `iot sim` as a process, met with plain sockets.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SimulatedUnitTests {
    /// A client of a unit; nil where the unit does not answer.
    private func client(_ address: String, timeout: Int = 10) -> RawSocket? {
        try? RawSocket(address, port: UnitPort.firmware, timeout: timeout)
    }

    /// Whether no thread of a process runs any more: the signal that stops it reaches them one by one.
    private func isStopped(_ process: Int32) -> Bool {
        let tasks = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.allSatisfy { thread in
            let status = (try? String(contentsOfFile: "\(tasks)/\(thread)/stat", encoding: .utf8)) ?? ""
            return status.split(separator: ")").last?.hasPrefix(" T") == true
        }
    }

    private func withLamp(
        _ address: String, profile: String, _ body: (ChildProcess, AsyncStream<String>.Iterator) async throws -> Void
    ) async throws {
        let lamp = try BuiltCommand.start([
            "sim", "lamp", "--address", address, "--profile", profile, "--name", "lamp",
        ])
        var lines = lamp.lines.makeAsyncIterator()
        while let line = await lines.next(), !line.contains("Open Telnet") {}
        try await body(lamp, lines)
        await lamp.stop(within: .seconds(20))
        #expect(await lamp.waitForEnd() == "exit code 0")
    }

    @Test("a command is shown at once; one whose sender closes early is lost on core 3.1 and kept on core 2.6")
    func earlyClose() async throws {
        for (profile, address, expected) in [
            ("core-3.1", "127.33.1.1", ["lamp Client disconnected"]),
            ("core-2.6", "127.33.1.2", ["lamp Client Connected", "lamp red"]),
        ] {
            // On a machine that is busy the lamp may be preempted between the command and the end, and see one without the other.
            var seen: [String] = []
            for _ in 1...5 where seen != expected {
                seen = try await sendAndLeave(address, profile: profile, lines: expected.count)
            }
            #expect(seen == expected)
        }
    }

    /// What a lamp shows to whom sends a command and is gone, command and end together.
    ///
    /// - Parameter closesWhole: False where the other direction stays open; then the lamp says nothing and closes it.
    private func sendAndLeave(
        _ address: String, profile: String, lines count: Int, closesWhole: Bool = true
    ) async throws -> [String] {
        var seen: [String] = []
        try await withLamp(address, profile: profile) { lamp, lines in
            var lines = lines
            kill(lamp.processIdentifier, SIGSTOP)
            try await eventually("every thread of it is stopped") { isStopped(lamp.processIdentifier) }
            var lampClient = client(address)
            lampClient?.write("red\r")
            if closesWhole { lampClient = nil } else { lampClient?.finish() }
            kill(lamp.processIdentifier, SIGCONT)
            if let lampClient { #expect(lampClient.readToEnd() == "") }
            for _ in 0..<count { seen.append(await lines.next() ?? "") }
        }
        return seen.map { $0.replacing(":", with: "").replacing("  ", with: " ") }
    }

    @Test("UP-030, UP-039: a second client waits until the first is gone")
    func pending() async throws {
        let address = "127.33.1.3"
        let unit = try BuiltCommand.start([
            "sim", "read", "--address", address, "--signal", "constant:7", "--period", "100ms", "--console", "none",
        ])
        defer { Task { await unit.stop(within: .seconds(20)) } }
        var first = try await eventually("the unit listens") { client(address) } as RawSocket?
        #expect(first?.read(4) == "7\n7\n")
        let second = try #require(client(address, timeout: 1))
        #expect(second.read(2) == "")
        first = nil
        let patient = second
        #expect(try await eventually("the second is served") { patient.read(2) == "7\n" ? true : nil })
    }

    @Test("UP-037, UP-038: so many clients wait as the core lets them; another gets no answer")
    func backlog() async throws {
        for (profile, address, waiting) in [("core-3.1", "127.33.1.4", 5), ("core-2.6", "127.33.1.6", 4)] {
            let unit = try BuiltCommand.start([
                "sim", "read", "--address", address, "--profile", profile, "--console", "none",
            ])
            var clients = [try await eventually("the unit listens") { client(address) }]
            #expect(!clients[0].read(1).isEmpty)
            for _ in 0..<waiting { clients.append(try #require(client(address, timeout: 5))) }
            #expect(client(address, timeout: 1) == nil)
            await unit.stop(within: .seconds(20))
        }
    }

    @Test("UP-035: a half-close ends the service on core 3.1 and loses what was not read")
    func halfClose() async throws {
        var seen: [String] = []
        for _ in 1...5 where seen != ["lamp Client disconnected"] {
            seen = try await sendAndLeave("127.33.1.7", profile: "core-3.1", lines: 1, closesWhole: false)
        }
        #expect(seen == ["lamp Client disconnected"])
    }

    @Test("a client that resets its connection ends it, and the next one is served")
    func reset() async throws {
        let address = "127.33.1.8"
        let unit = try BuiltCommand.start([
            "sim", "read", "--address", address, "--signal", "constant:7", "--period", "50ms", "--console", "none",
        ])
        let first = try await eventually("the unit listens") { client(address) }
        #expect(first.read(2) == "7\n")
        first.reset()
        let second = try #require(client(address))
        #expect(second.read(4) == "7\n7\n")
        await unit.stop(within: .seconds(20))
        #expect(await unit.waitForEnd() == "exit code 0")
    }

    @Test("SIGTERM ends a fleet in time though nobody reads what it prints")
    func blockedReader() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        // Full from the beginning.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let filler = [UInt8](repeating: 0x78, count: 65_536)
        while Glibc.write(ends[1], filler, filler.count) > 0 {}
        _ = fcntl(ends[1], F_SETFL, 0)
        let process = Process()
        process.executableURL = try BuiltCommand.executable()
        process.arguments = ["sim", "read", "--address", "127.33.1.9", "--period", "10ms"]
        process.standardOutput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let reader = try await eventually("the unit listens") { client("127.33.1.9") }
        #expect(!reader.read(20).isEmpty)
        kill(process.processIdentifier, SIGTERM)
        try await eventually("the end", within: .seconds(20)) { !process.isRunning }
        #expect(process.terminationStatus == 0)
        close(ends[0])
        close(ends[1])
    }

    @Test("an address that is in use is named, with what to do")
    func busy() async throws {
        let address = "127.33.1.5"
        let first = try BuiltCommand.start(["sim", "lamp", "--address", address])
        try await eventually("the unit listens") { client(address) != nil }
        let second = try BuiltCommand.start(["sim", "lamp", "--address", address, "--name", "copy"])
        #expect(await second.waitForEnd() == "exit code 1")
        let errors = try #require(second.errorLines)
        #expect(
            await errors.first { $0.hasPrefix("Error") }
                == "Error: copy: 127.33.1.5 port 8888 is in use; stop the program that listens there, "
                + "or give the unit another address or port")
        await first.stop(within: .seconds(20))
    }
}
