import Daemon
import Foundation
import SerialPort
import TestSupport
import Testing

/// Real kernel terminals, whose other end an independent program holds.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct TerminalPortTests {
    private struct Path: Decodable {
        var path: String
    }

    /// Runs `body` with the path of a terminal; afterwards the peer's lines are there.
    private func withTerminal(_ body: @escaping @Sendable (String) throws -> Void) async throws -> [String] {
        let peer = try PythonPeer.start("pty_peer.py")
        var lines: [String] = []
        for await line in peer.lines {
            guard lines.isEmpty else {
                lines.append(line)
                continue
            }
            lines.append("path")
            let path = try JSONDecoder().decode(Path.self, from: Data(line.utf8)).path
            try await onThread { try body(path) }
        }
        #expect(await peer.waitForEnd() == "exit code 0")
        return Array(lines.dropFirst())
    }

    private func read(_ count: Int, from port: any SerialPort) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while bytes.count < count, ContinuousClock.now < deadline {
            bytes += try port.read(within: .milliseconds(200))
        }
        return bytes
    }

    /// Opens it, lets the peer see how, and lets it end.
    private func use(_ path: String) throws {
        let port = try SerialAddress(path).open(baud: 57_600)
        defer { port.close() }
        for text in ["opened", "END"] {
            try port.write(Array(text.utf8), within: .seconds(10))
            #expect(try read(text.utf8.count, from: port) == Array(text.utf8))
        }
    }

    @Test("a terminal is raw, at any speed, and closing it changes no line; all bytes pass both ways")
    func settings() async throws {
        let lines = try await withTerminal { path in
            let port = try SerialAddress(path).open(baud: 74_880)
            #expect(!port.hasModemLines)
            try port.set(dtr: true, rts: false)
            let all = (0...255).map { UInt8($0) } + noise(3000, seed: 1)
            try port.write(all, within: .seconds(10))
            #expect(try read(all.count, from: port) == all)
            try port.set(baud: 1_500_000)
            try port.write([0x00, 0x0A, 0x0D, 0x11, 0x13, 0x03, 0x1A, 0xFF], within: .seconds(10))
            #expect(try read(8, from: port) == [0x00, 0x0A, 0x0D, 0x11, 0x13, 0x03, 0x1A, 0xFF])
            #expect(try port.read(within: .milliseconds(20)) == [])
            try port.write(Array("END".utf8), within: .seconds(10))
            #expect(try read(3, from: port) == Array("END".utf8))
            port.close()
        }
        #expect(
            lines == [
                #"{"speed": [74880, 74880], "hupcl": false, "raw": true}"#,
                #"{"speed": [1500000, 1500000], "hupcl": false, "raw": true}"#,
            ])
    }

    @Test("one program has a port: the next is told who")
    func exclusive() async throws {
        _ = try await withTerminal { path in
            let port = try SerialAddress(path).open(baud: 115_200)
            let error = #expect(throws: SerialError.self) { try SerialAddress(path).open(baud: 115_200) }
            guard case .busy? = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            try port.write(Array("END".utf8), within: .seconds(10))
            port.close()
        }
    }

    @Test("a port that another program has open without a lock is left alone, and the refusal names that program alone")
    func unlocked() async throws {
        let lines = try await withTerminal { path in
            let holder = Process()
            holder.executableURL = URL(filePath: "/bin/sleep")
            holder.arguments = ["60"]
            holder.standardInput = FileHandle(forReadingAtPath: path)
            try holder.run()
            defer { kill(holder.processIdentifier, SIGKILL) }
            // The program that plays the board has the port open too.
            #expect(
                throws: SerialError(
                    path, .busy([PortHolder(process: Int(holder.processIdentifier), command: "sleep")]))
            ) { try SerialAddress(path).open(baud: 9600) }
            // Not to be ignored, as other signals may be that this process ignores.
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
            try use(path)
        }
        #expect(lines == [#"{"speed": [57600, 57600], "hupcl": false, "raw": true}"#])
    }

    @Test(
        "the terminal that a command is used at is no board's, by whatever name and however it is used",
        arguments: [
            #"exec "$0" "$1" 115200 < "$1""#, #"exec "$0" "$1" 115200 < /dev/null 2> "$1""#,
            #"exec setsid -c -w "$0" /dev/tty 115200 < "$1""#,
            #"exec setsid -c -w sh -c 'exec "$0" "$1" 115200 < /dev/null' "$0" "$1" < "$1""#,
        ])
    func ownTerminal(script: String) async throws {
        let lines = try await withTerminal { path in
            let probe = Process()
            let output = Pipe()
            probe.executableURL = URL(filePath: "/bin/sh")
            probe.arguments = ["-c", script, try BuiltCommand.executable("SerialProbe").path, path]
            probe.standardOutput = output
            probe.standardError = FileHandle.nullDevice
            try probe.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            let name = script.contains("/dev/tty") ? "/dev/tty" : path
            #expect(said == "error: \(name): it is the terminal that this command is used at, and no board's\n")
            probe.waitUntilExit()
            try use(path)
        }
        #expect(lines == [#"{"speed": [57600, 57600], "hupcl": false, "raw": true}"#])
    }

    @Test("a port that is closed is anybody's again, although another program still has it open")
    func exclusionEnds() async throws {
        _ = try await withTerminal { path in
            let other = open(path, O_RDWR | O_NOCTTY)
            defer { close(other) }
            /// TIOCGEXCL: whether the terminal refuses to be opened.
            func isExclusive() -> Int32 {
                var answer: Int32 = -1
                _ = ioctl(other, 0x8004_5440 as UInt, &answer)
                return answer
            }
            let port = try SerialAddress(path).open(baud: 115_200)
            #expect(isExclusive() == 1)
            port.close()
            #expect(isExclusive() == 0)
            // The peer hangs up at this, so it comes last.
            #expect(write(other, "END", 3) == 3)
        }
    }

    @Test("a port whose other end goes away is lost")
    func lost() async throws {
        _ = try await withTerminal { path in
            let port = try SerialAddress(path).open(baud: 115_200)
            try port.write(Array("END".utf8), within: .seconds(10))
            let deadline = ContinuousClock.now + .seconds(20)
            let error = #expect(throws: SerialError.self) {
                while ContinuousClock.now < deadline { _ = try port.read(within: .milliseconds(100)) }
            }
            #expect(error == SerialError(path, .lost))
        }
    }

    @Test("what is no port is said to be none")
    func none() throws {
        #expect(throws: SerialError("/dev/nothing", .noSuchPort)) {
            try SerialAddress("/dev/nothing").open(baud: 115_200)
        }
        #expect(throws: SerialError("/dev/null", .unsupported("it is no serial port"))) {
            try SerialAddress("/dev/null").open(baud: 115_200)
        }
        #expect(throws: SerialError.self) { try SerialAddress("socket://127.0.0.1:1").open(baud: 115_200) }
    }
}
