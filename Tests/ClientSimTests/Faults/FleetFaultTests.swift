import Daemon
import Foundation
import TestSupport
import Testing
import UnitProtocol

/// Each fault as a client of `iot sim fleet` meets it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct FleetFaultTests {
    private func client(_ address: String, timeout: Int = 10) -> RawSocket? {
        try? RawSocket(address, port: UnitPort.firmware, timeout: timeout)
    }

    /// A fleet of one sensor, or one lamp, to which something happens.
    private func withUnit(
        _ address: String, _ timeline: String, kind: String = "read, signal: counter, period: 100ms",
        _ body: (ChildProcess) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "fleet.yaml")
            let yaml = "cohorts: [{name: u, kind: \(kind), addresses: \(address)}]\ntimeline: [\(timeline)]\n"
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            let process = try BuiltCommand.start(["sim", "fleet", file.path, "--json", "--stop-with-parent"])
            _ = try await process.readyLine(within: .seconds(90))
            try await body(process)
            await process.stop(within: .seconds(20))
            #expect(await process.waitForEnd() == "exit code 0")
        }
    }

    @Test("refuse: a new client is refused while the one that is served goes on; then the unit listens again")
    func refuse() async throws {
        try await withUnit("127.35.1.1", "{at: 8s, for: 3s, fault: refuse}") { _ in
            var served = client("127.35.1.1")
            #expect(served?.read(2) == "0\n")
            try await eventually("it refuses", within: .seconds(30)) { client("127.35.1.1", timeout: 1) == nil }
            #expect(served?.read(2) == "1\n")
            served = nil
            let next =
                try await eventually("it listens", within: .seconds(30)) { client("127.35.1.1", timeout: 1) }
                as RawSocket
            #expect(next.read(1).count == 1)
        }
    }

    @Test("black-hole: neither lines nor answers come while it lasts; all lines come after it")
    func blackHole() async throws {
        try await withUnit("127.35.1.2", "{at: 8s, for: 5s, fault: black-hole}") { _ in
            let served = try #require(client("127.35.1.2", timeout: 2))
            var text = served.readLines(until: { _ in false })
            // It came to its end because two seconds passed without a byte.
            #expect(client("127.35.1.2", timeout: 1) == nil)
            text += served.readLines(until: { $0.count > 20 })
            text += served.readLines(until: { $0.count > 20 })
            let numbers = text.split(separator: "\n").compactMap { Int($0) }
            #expect(numbers.count > 20)
            #expect(numbers.prefix(20) == ArraySlice(0..<20))
        }
    }

    @Test(
        "half-open: the old client hears nothing, not even an end, and the next is served; what the old one sends is reset"
    )
    func halfOpen() async throws {
        try await withUnit("127.35.1.3", "{at: 8s, for: 5s, fault: half-open}") { _ in
            let old = try #require(client("127.35.1.3", timeout: 2))
            #expect(!old.readLines(until: { _ in false }).isEmpty)
            let next = try #require(client("127.35.1.3"))
            #expect(next.readLines(until: { $0.contains("\n") }).contains("\n"))
            try await eventually("a reset answers what it sends", within: .seconds(30)) {
                old.write("x")
                _ = old.readToEnd()
                return old.wasReset
            }
        }
    }

    @Test("a client that writes to its unit without end holds up no other unit", arguments: ["x", "red\r"])
    func flood(text: String) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "fleet.yaml")
            let yaml = """
                cohorts:
                  - {name: s, kind: read, signal: counter, period: 50ms, addresses: 127.35.2.1}
                  - {name: l, kind: updatable, addresses: 127.35.2.2}
                """
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            let process = try BuiltCommand.start(["sim", "fleet", file.path, "--json", "--stop-with-parent"])
            _ = try await process.readyLine(within: .seconds(90))
            let flood = Thread {
                let flooding = try? RawSocket("127.35.2.2", port: UnitPort.firmware)
                let bytes = String(repeating: text, count: 65_536 / text.utf8.count)
                while !Thread.current.isCancelled { flooding?.write(bytes) }
            }
            flood.start()
            let sensor = try #require(client("127.35.2.1"))
            let lines = sensor.readLines(until: { $0.split(separator: "\n").count > 20 })
            let numbers = lines.split(separator: "\n").compactMap { Int($0) }
            #expect(numbers.prefix(20) == ArraySlice(0..<20))
            await process.stop(within: .seconds(5))
            #expect(await process.waitForEnd() == "exit code 0")
            flood.cancel()
        }
    }

    @Test("a client that has not read for a while gets all lines when it reads again")
    func pause() async throws {
        try await withUnit(
            "127.35.2.3", "{at: 0s, fault: oversized, bytes: 65536}", kind: "read, signal: counter, period: 10ms"
        ) { _ in
            let served = try #require(client("127.35.2.3"))
            // More than the buffers of both sides take: it has stopped writing, and begins again each time that there is room.
            let text = served.read(8_000_000)
            #expect(text.utf8.count == 8_000_000)
            // Lines do not grow while much waits.
            let lengths = text.split(separator: "\n").dropLast().map(\.utf8.count)
            #expect(lengths.allSatisfy { $0 == 65_535 || $0 < 8 })
        }
    }

    @Test("reset: the connection ends with a reset, and the next counts on")
    func reset() async throws {
        try await withUnit("127.35.1.4", "{at: 8s, fault: reset}") { _ in
            let old = try #require(client("127.35.1.4"))
            let text = old.readToEnd() ?? ""
            #expect(old.wasReset)
            let next = try #require(client("127.35.1.4"))
            let more = next.readLines(until: { $0.contains("\n") })
            #expect(Int(more.prefix { $0 != "\n" }) ?? 0 >= text.split(separator: "\n").count)
        }
    }

    @Test("reboot: no end and no answer while it boots; then it is there again, and resets the old connection")
    func reboot() async throws {
        try await withUnit("127.35.1.5", "{at: 8s, fault: reboot, boot: 5s}") { _ in
            let old = try #require(client("127.35.1.5", timeout: 1))
            #expect(!old.readLines(until: { _ in false }).isEmpty)
            #expect(client("127.35.1.5", timeout: 1) == nil)
            let next =
                try await eventually("it has booted", within: .seconds(30)) { client("127.35.1.5", timeout: 3) }
                as RawSocket
            #expect(!next.read(1).isEmpty)
            try await eventually("a reset answers what it sends", within: .seconds(30)) {
                old.write("x")
                _ = old.readToEnd()
                return old.wasReset
            }
        }
    }

    @Test("brown-out: connections are lost again and again, until it is over")
    func brownOut() async throws {
        try await withUnit("127.35.1.6", "{at: 6s, for: 3s, fault: brown-out, boot: 200ms}") { _ in
            let old = try #require(client("127.35.1.6", timeout: 1))
            _ = old.readLines(until: { _ in false })
            try await eventually("it is steady again", within: .seconds(30)) {
                guard let next = client("127.35.1.6", timeout: 1) else { return false }
                return next.readLines(until: { $0.count > 24 }).count > 24
            }
        }
    }

    @Test("duplicate-address: now one unit answers, now the other")
    func duplicate() async throws {
        try await withUnit(
            "127.35.1.7", "{at: 0s, fault: duplicate-address, change: 1s}",
            kind: "read, signal: counter, period: 50ms"
        ) { _ in
            var firsts: [Int] = []
            for _ in 0..<2 {
                let one = try #require(client("127.35.1.7"))
                let lines = (one.readToEnd() ?? "").split(separator: "\n")
                firsts.append(Int(lines.first ?? "") ?? -1)
                #expect(one.wasReset)
            }
            // Each counts for itself, and can be told from the other.
            #expect(firsts == [1_000_000_000, 0])
        }
    }

    @Test("garbage, partial and oversized lines, and a wrong period, come as they are described")
    func lines() async throws {
        try await withUnit("127.35.1.8", "{at: 0s, fault: garbage}") { _ in
            let bytes = try #require(client("127.35.1.8")).readLines(until: { $0.utf8.count > 300 })
            #expect(bytes.contains("\n"))
            #expect(bytes.split(separator: "\n").count { Int($0) != nil } <= 1)
        }
        try await withUnit("127.35.1.9", "{at: 0s, fault: partial}") { _ in
            #expect(client("127.35.1.9")?.read(5) == "0\n1\n2")
        }
        try await withUnit("127.35.1.10", "{at: 0s, fault: oversized, bytes: 3000}") { _ in
            let text = try #require(client("127.35.1.10")).read(6000)
            #expect(text == String(repeating: "0", count: 2999) + "\n" + String(repeating: "1", count: 2999) + "\n")
        }
        try await withUnit("127.35.1.11", "{at: 0s, fault: wrong-period, period: 1s}") { _ in
            let one = try #require(client("127.35.1.11"))
            let clock = ContinuousClock()
            let time = clock.measure { #expect(one.read(8) == "0\n1\n2\n3\n") }
            #expect(time > .milliseconds(2500))
        }
    }

    @Test("latency and a slow reader delay a lamp's colour")
    func lamps() async throws {
        for (address, fault) in [
            ("127.35.1.12", "{at: 0s, fault: latency, delay: 1s}"),
            ("127.35.1.13", "{at: 0s, fault: slow-reader, rate: 4}"),
        ] {
            try await withUnit(address, fault, kind: "updatable") { lamp in
                let sender = try #require(client(address))
                let clock = ContinuousClock()
                let begin = clock.now
                sender.write("#0f0\r")
                let line = await lamp.lines.first { $0.contains("shows") }
                #expect(line?.contains("#00ff00") == true)
                #expect(clock.now - begin > .milliseconds(900))
            }
        }
    }
}

extension RawSocket {
    /// What comes, until it is enough, or nothing comes any more within the time limit, or it ends.
    fileprivate func readLines(until isEnough: (String) -> Bool) -> String {
        var text = ""
        while !isEnough(text) {
            let piece = read(1)
            if piece.isEmpty { break }
            text += piece
        }
        return text
    }
}
