import Foundation
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// A cable between a client and a server of real sockets.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CableTests {
    /// Echoes what it hears, one client at a time; says how connections end.
    private final class Echo: Sendable {
        let port: Int
        private let handle: Int32
        let ends = Heard<String>()

        init() throws {
            (handle, port) = try Cable.listen(Stage.loopback, 0)
            let (handle, ends) = (handle, ends)
            // The listener of a cable does not block.
            _ = fcntl(handle, F_SETFL, 0)
            Thread.detachNewThread {
                while true {
                    let client = accept(handle, nil, nil)
                    guard client >= 0 else { return }
                    Thread.detachNewThread {
                        var buffer = [UInt8](repeating: 0, count: 1024)
                        while true {
                            let count = recv(client, &buffer, buffer.count, 0)
                            guard count > 0 else {
                                ends.append(count == 0 ? "end" : String(cString: strerror(errno)), at: .zero)
                                close(client)
                                return
                            }
                            send(client, buffer, count, Int32(MSG_NOSIGNAL))
                        }
                    }
                }
            }
        }

        deinit {
            shutdown(handle, Int32(SHUT_RDWR))
            close(handle)
        }
    }

    private func withCable(_ body: (Cable, Echo, (port: Int, address: IPv4Address)) async throws -> Void) async throws {
        let echo = try Echo()
        let cable = try Cable(at: Stage.loopback, port: 0, to: (Stage.loopback, echo.port)) { _ in }
        try await body(cable, echo, (cable.port, Stage.loopback))
        await cable.end()
    }

    private func client(_ cable: Cable) async throws -> RawClient {
        try await RawClient.connect(to: (Stage.loopback, cable.port))
    }

    /// Sends a line, and gives what came back; nil where nothing did in a second.
    private func echoed(
        _ client: RawClient, _ text: String, within limit: Duration = .seconds(1)
    ) async throws -> [String]? {
        try await client.send(text + "\n")
        let found = Mutex<[String]?>(nil)
        do {
            try await TimeLimit.run(limit, "echo") {
                let lines = try await awaited { try client.lines(1) }
                found.withLock { $0 = lines }
            }
        } catch HILError.failed(let why) where why.hasPrefix("not within") {
            return nil
        }
        return found.withLock(\.self)
    }

    @Test("Bytes go both ways, and so do the ends of a connection")
    func carries() async throws {
        try await withCable { cable, echo, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            one.close(with: .end)
            try await eventually("the far end hears the end") { echo.ends.last?.element == "end" }
            let two = try await client(cable)
            #expect(try await echoed(two, "b") == ["b"])
            two.close(with: .reset)
            try await eventually("the far end hears the reset") { echo.ends.end == 2 }
            #expect(echo.ends.last?.element == "Connection reset by peer")
        }
    }

    @Test("What is cut says nothing to either end, takes no connection, and brings it all once it is restored")
    func cut() async throws {
        try await withCable { cable, echo, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            try await cable.set(.cut)
            #expect(try await echoed(one, "b", within: .milliseconds(500)) == nil)
            await #expect(throws: HILError.failed("not within 500ms")) {
                try await TimeLimit.run(.milliseconds(500), "connect") { _ = try await client(cable) }
            }
            #expect(one.end() == nil && echo.ends.end == 0)
            try await cable.set(.restored)
            let late = try await eventually("what was sent meanwhile", within: .seconds(20)) { try one.lines(1) }
            #expect(late == ["b"])
        }
    }

    @Test("Half open: the far end hears an end, the near end nothing, and new connections get through")
    func halfOpen() async throws {
        try await withCable { cable, echo, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            try await cable.set(.halfOpen)
            try await eventually("the far end hears the end") { echo.ends.end == 1 }
            #expect(try await echoed(one, "b", within: .milliseconds(300)) == nil)
            #expect(one.end() == nil)
            let two = try await client(cable)
            #expect(try await echoed(two, "c") == ["c"])
            try await cable.set(.restored)
            try await one.send("d\n")
            let why = try await eventually("a reset for what is forgotten") { one.end() }
            #expect(why == "Connection reset by peer")
            #expect(try await echoed(two, "e") == ["e"])
        }
    }

    @Test("Refused: connections are reset, new ones refused; reset: once")
    func refused() async throws {
        try await withCable { cable, _, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            try await cable.set(.refused)
            #expect(try await eventually("the reset") { one.end() } == "Connection reset by peer")
            await #expect(throws: HILError.self) { _ = try await client(cable) }
            try await cable.set(.restored)
            let two = try await client(cable)
            #expect(try await echoed(two, "b") == ["b"])
            try await cable.set(.reset)
            #expect(try await eventually("the reset") { two.end() } == "Connection reset by peer")
            #expect(try await echoed(try await client(cable), "c") == ["c"])
        }
    }

    @Test("Without power the far end says nothing; with it, it knows nothing of before")
    func power() async throws {
        try await withCable { cable, echo, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            await cable.farEnd(hasPower: false)
            try await eventually("the far end's process hears of it") { echo.ends.end == 1 }
            #expect(try await echoed(one, "b", within: .milliseconds(300)) == nil)
            #expect(one.end() == nil)
            await cable.farEnd(hasPower: true)
            #expect(
                try await eventually("the reset of what came from before", within: .seconds(20)) { one.end() }
                    == "Connection reset by peer")
            #expect(try await echoed(try await client(cable), "c") == ["c"])
        }
    }

    @Test("Counts what the near end has at once: not what it has ended, nor what a cut may have ended unheard")
    func counts() async throws {
        try await withCable { cable, echo, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            let two = try await client(cable)
            #expect(try await echoed(two, "b") == ["b"])
            one.close(with: .end)
            // Ended and made anew at once.
            let three = try await client(cable)
            #expect(try await echoed(three, "c") == ["c"])
            two.close(with: .reset)
            let four = try await client(cable)
            #expect(try await echoed(four, "d") == ["d"])
            try await cable.set(.cut)
            three.close(with: .end)
            four.close(with: .end)
            try await cable.set(.restored)
            #expect(try await echoed(try await client(cable), "e") == ["e"])
            #expect(cable.connections.from(0).map(\.element) == [1, 2, 2, 2, 1])
        }
    }

    @Test("What was forgotten is answered with a reset once all is restored, though it was cut meanwhile")
    func halfOpenThenCut() async throws {
        try await withCable { cable, echo, _ in
            let one = try await client(cable)
            #expect(try await echoed(one, "a") == ["a"])
            try await cable.set(.halfOpen)
            try await cable.set(.cut)
            try await cable.set(.restored)
            try await one.send("b\n")
            let why = try await eventually("a reset for what is forgotten", within: .seconds(20)) { one.end() }
            #expect(why == "Connection reset by peer")
        }
    }

    @Test("An address that somebody else has taken while it was refused is an error of the bench, and is tried again")
    func taken() async throws {
        try await withCable { cable, _, _ in
            try await cable.set(.refused)
            let other = try Cable.listen(cable.address, cable.port).handle
            await #expect(
                throws: HILError.infrastructure(
                    "cannot listen on \(cable.address):\(cable.port): Address already in use")
            ) { try await cable.set(.restored) }
            await #expect(throws: HILError.self) { try await cable.set(.halfOpen) }
            close(other)
            try await cable.set(.restored)
            #expect(try await echoed(try await client(cable), "a") == ["a"])
        }
    }

    @Test("Where nobody listens at the far end the near end's connection is reset")
    func nobody() async throws {
        let cable = try Cable(at: Stage.loopback, port: 0, to: (Stage.loopback, 1)) { _ in }
        let one = try await client(cable)
        #expect(try await eventually("the reset") { one.end() } == "Connection reset by peer")
        await cable.end()
        // An order to a cable that is over is done at once.
        try await cable.set(.cut)
    }
}
