import Daemon
import Foundation
import Glibc
import TestSupport
import Testing

/// `iot sim` as a process, met with plain sockets.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct SimulatedUnitTests {
    /// A blocking TCP socket with time limits.
    private final class Client {
        let descriptor: Int32

        init?(_ address: String, timeout: Int = 10) {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var limit = timeval(tv_sec: timeout, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = in_port_t(8888).bigEndian
            inet_pton(AF_INET, address, &target.sin_addr)
            let result = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { return nil }
        }

        deinit { close(descriptor) }

        func write(_ text: String) { _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

        /// Up to `count` bytes; what came when the time was over.
        func read(_ count: Int) -> String {
            var bytes = [UInt8](repeating: 0, count: count)
            let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
            return String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
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
            try await withLamp(address, profile: profile) { _, lines in
                var lines = lines
                var client = Client(address)
                client?.write("red\r")
                client = nil
                var seen: [String] = []
                for _ in expected { seen.append(await lines.next() ?? "") }
                #expect(seen.map { $0.replacing(":", with: "").replacing("  ", with: " ") } == expected)
            }
        }
    }

    @Test("a second client waits until the first is gone")
    func pending() async throws {
        let address = "127.33.1.3"
        let unit = try BuiltCommand.start([
            "sim", "read", "--address", address, "--signal", "constant:7", "--period", "100ms", "--console", "none",
        ])
        defer { Task { await unit.stop(within: .seconds(20)) } }
        var first = try await eventually("the unit listens") { Client(address) } as Client?
        #expect(first?.read(4) == "7\n7\n")
        let second = try #require(Client(address, timeout: 1))
        #expect(second.read(2) == "")
        first = nil
        let patient = second
        #expect(try await eventually("the second is served") { patient.read(2) == "7\n" ? true : nil })
    }

    @Test("five clients wait beside the served one on core 3.1; a sixth gets no answer")
    func backlog() async throws {
        let address = "127.33.1.4"
        let unit = try BuiltCommand.start(["sim", "read", "--address", address, "--console", "none"])
        var clients = [try await eventually("the unit listens") { Client(address) }]
        #expect(!clients[0].read(1).isEmpty)
        for _ in 0..<5 { clients.append(try #require(Client(address, timeout: 5))) }
        #expect(Client(address, timeout: 1) == nil)
        await unit.stop(within: .seconds(20))
    }

    @Test("an address that is in use is named, with what to do")
    func busy() async throws {
        let address = "127.33.1.5"
        let first = try BuiltCommand.start(["sim", "lamp", "--address", address])
        try await eventually("the unit listens") { Client(address) != nil }
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
