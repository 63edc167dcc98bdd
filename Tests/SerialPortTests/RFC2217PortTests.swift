import Foundation
import TestSupport
import Testing

@testable import SerialPort

/// Our client at pyserial's server.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct RFC2217PortTests {
    private struct Port: Decodable {
        var port: Int
    }

    /// What pyserial's server has been told, while `body` had its address.
    private func withServer(
        _ options: String = "{}", _ body: @escaping @Sendable (String) throws -> Void
    ) async throws -> [String] {
        let peer = try PythonPeer.start("rfc2217_server.py", [options])
        var lines: [String] = []
        var isFirst = true
        for await line in peer.lines {
            guard isFirst else {
                lines.append(line)
                continue
            }
            isFirst = false
            let number = try JSONDecoder().decode(Port.self, from: Data(line.utf8)).port
            try await onThread { try body("rfc2217://127.0.0.1:\(number)") }
        }
        #expect(await peer.waitForEnd() == "exit code 0")
        return lines
    }

    private static let format = [
        #"{"set": "bytesize", "to": 8}"#, #"{"set": "parity", "to": "N"}"#, #"{"set": "stopbits", "to": 1}"#,
        #"{"set": "xonxoff", "to": false}"#, #"{"set": "rtscts", "to": false}"#,
    ]
    private static let end = #"{"set": "connection", "to": "ended"}"#

    @Test("speed and format are set as they are asked for, and all bytes pass both ways")
    func server() async throws {
        let lines = try await withServer { address in
            let port = try SerialAddress(address).open(baud: 74_880)
            #expect(port.hasModemLines)
            try port.set(baud: 921_600)
            let all = (0...255).map { UInt8($0) } + [255, 255, 240, 255]
            try port.write(all, within: .seconds(10))
            var heard: [UInt8] = []
            let deadline = ContinuousClock.now + .seconds(20)
            while heard.count < all.count, ContinuousClock.now < deadline {
                heard += try port.read(within: .milliseconds(200))
            }
            #expect(heard == all)
            try port.discardInput()
            port.close()
        }
        #expect(
            lines == [#"{"set": "baudrate", "to": 74880}"#] + Self.format + [
                #"{"set": "baudrate", "to": 921600}"#, #"{"set": "input", "to": "discarded"}"#, Self.end,
            ])
    }

    @Test("lines change so that a board is reset when that is wanted, and not on the way, nor by opening and closing")
    func lines() async throws {
        let lines = try await withServer { address in
            let port = try SerialAddress(address).open(baud: 115_200)
            // A kernel's opening has asserted both.
            try port.set(dtr: false, rts: false)
            try port.set(dtr: true, rts: true)
            try port.set(dtr: false, rts: true)
            // Out of the reset with GPIO0 low, and never high before.
            try port.set(dtr: true, rts: false)
            try port.set(dtr: nil, rts: true)
            try port.set(dtr: false, rts: nil)
            port.close()
        }
        let set = { (name: String, level: Bool, more: String) in #"{"set": "\#(name)", "to": \#(level)\#(more)}"# }
        let reset = #", "reset": true"#
        #expect(
            lines == [#"{"set": "baudrate", "to": 115200}"#] + Self.format + [
                set("rts", false, ""), set("dtr", false, ""), set("dtr", true, ""), set("rts", true, ""),
                set("rts", true, ""), set("dtr", false, reset), set("dtr", true, ""), set("rts", false, ""),
                set("rts", true, ""), set("dtr", false, reset), Self.end,
            ])
    }

    @Test("a server that says which speed it really took is believed when a board can live with it")
    func otherSpeed() async throws {
        let lines = try await withServer(#"{"takes": {"baudrate": 75000}, "notes": 40}"#) { address in
            let port = try SerialAddress(address).open(baud: 74_880)
            #expect(throws: SerialError(address, .otherBaud(asked: 115_200, taken: 75_000))) {
                try port.set(baud: 115_200)
            }
            port.close()
        }
        #expect(
            lines == [#"{"set": "baudrate", "to": 74880}"#] + Self.format + [
                #"{"set": "baudrate", "to": 115200}"#, Self.end,
            ])
    }

    @Test("a server that takes another format is an error at once, in words")
    func otherFormat() async throws {
        _ = try await withServer(#"{"takes": {"bytesize": 7}}"#) { address in
            let start = ContinuousClock.now
            #expect(
                throws: SerialError(
                    address, .unsupported("the serial server was asked for 8 data bits and answers 7 data bits"))
            ) { try SerialAddress(address).open(baud: 115_200) }
            #expect(ContinuousClock.now - start < SerialTimes.answer)
        }
    }

    @Test("a server that speaks no Telnet is refused within the time limit, with what to do")
    func other() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.tcp, in: directory) { board in
                let address = board.port.replacing("socket://", with: "rfc2217://")
                await #expect(
                    throws: SerialError(
                        address,
                        .unsupported(
                            "no serial server answers there as RFC 2217 asks; for plain TCP use socket://"))
                ) { try await onThread { _ = try SerialAddress(address).open(baud: 115_200) } }
            }
        }
    }

    @Test("a server that takes its time for each answer is given one limit for all of them together")
    func slow() async throws {
        // Three answers: each within the limit, and together beyond it.
        let peer = try PythonPeer.start("slow_rfc2217.py", ["1.2"])
        for await line in peer.lines {
            let number = try JSONDecoder().decode(Port.self, from: Data(line.utf8)).port
            let error = await #expect(throws: SerialError.self) {
                try await onThread {
                    _ = try RFC2217Port(host: "127.0.0.1", port: number, baud: 115_200, within: .seconds(2))
                }
            }
            #expect(error?.reason == .unsupported("the serial server does not confirm 115200 baud"))
        }
        #expect(await peer.waitForEnd() == "exit code 0")
    }
}
