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

    @Test("speed, format and lines are set as they are asked for, and all bytes pass both ways")
    func server() async throws {
        let peer = try PythonPeer.start("rfc2217_server.py")
        var lines: [String] = []
        var isFirst = true
        for await line in peer.lines {
            guard isFirst else {
                lines.append(line)
                continue
            }
            isFirst = false
            let number = try JSONDecoder().decode(Port.self, from: Data(line.utf8)).port
            try await onThread { try converse(number) }
        }
        #expect(await peer.waitForEnd() == "exit code 0")
        #expect(
            lines == [
                #"{"set": "baudrate", "to": 74880}"#, #"{"set": "bytesize", "to": 8}"#,
                #"{"set": "parity", "to": "N"}"#,
                #"{"set": "stopbits", "to": 1}"#, #"{"set": "dtr", "to": false}"#, #"{"set": "rts", "to": true}"#,
                #"{"set": "dtr", "to": true}"#, #"{"set": "baudrate", "to": 921600}"#,
                #"{"set": "input", "to": "discarded"}"#, #"{"set": "connection", "to": "ended"}"#,
            ])
    }

    /// What a host does with the port.
    private func converse(_ number: Int) throws {
        let port = try SerialAddress("rfc2217://127.0.0.1:\(number)").open(baud: 74_880)

        #expect(port.hasModemLines)
        try port.set(dtr: false, rts: true)
        try port.set(dtr: true, rts: nil)
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
            guard case .unsupported? = error?.reason else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(await peer.waitForEnd() == "exit code 0")
    }
}
