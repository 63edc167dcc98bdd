import Foundation
import TestSupport
import Testing

/// `iot flash` as a process, against virtual boards as processes.
@Suite(.timeLimit(.minutes(5)))
struct FlashCommandTests {
    private let met = "ESP8266EX, 26 MHz, MAC 18:fe:34:12:34:56, flash 4 MB (Winbond, ef 40 16)"

    private func file(_ bytes: [UInt8], _ name: String, in directory: URL) throws -> String {
        let file = directory.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path
    }

    @Test("id says chip, crystal, MAC and flash, over every kind of port", arguments: RunningBoard.Kind.allCases)
    func identity(kind: RunningBoard.Kind) async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(kind, in: directory) { board in
                let command = try await FinishedCommand.run(["flash", "id", "--port", board.port])
                #expect(
                    command
                        == FinishedCommand(
                            end: "exit code 0",
                            output: [
                                "chip     ESP8266EX", "crystal  26 MHz", "mac      18:fe:34:12:34:56",
                                "flash    4 MB, Winbond, id ef 40 16",
                            ], errors: []))
            }
        }
    }

    @Test(
        "what is written is in the flash, can be read back, and erases nothing beside its sectors",
        arguments: RunningBoard.Kind.allCases)
    func write(kind: RunningBoard.Kind) async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(kind, in: directory) { board in
                let around = noise(0x6000, seed: 1)
                let data = noise(0x2345, seed: 2)
                let first = try await FinishedCommand.run([
                    "flash", "write", "--port", board.port, "0x1000", try file(around, "around.bin", in: directory),
                ])
                #expect(first.end == "exit code 0", "\(first.errors)")
                let second = try await FinishedCommand.run([
                    "flash", "write", "--port", board.port, "0x2000", try file(data, "data.bin", in: directory),
                ])
                #expect(second.end == "exit code 0", "\(second.errors)")
                let erased = [UInt8](repeating: 0xFF, count: 0x3000 - data.count)
                let expected = Array(around[..<0x1000]) + data + erased + Array(around[0x4000...])
                #expect(try board.flash(0x1000, 0x6000) == expected)
                let back = directory.appending(path: "back.bin").path
                let read = try await FinishedCommand.run([
                    "flash", "read", "--port", board.port, "0x1f00", "0x300", back,
                ])
                #expect(read.end == "exit code 0", "\(read.errors)")
                #expect(Array(try Data(contentsOf: URL(filePath: back))) == Array(expected[0xF00..<0x1200]))
            }
        }
    }

    @Test("verify tells equal from different, and where")
    func verify() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory) { board in
                var data = noise(700, seed: 3)
                let path = try file(data, "data.bin", in: directory)
                _ = try await FinishedCommand.run(["flash", "write", "--port", board.port, "0x3000", path])
                #expect(
                    try await FinishedCommand.run(["flash", "verify", "--port", board.port, "0x3000", path]).end
                        == "exit code 0")
                data[413] ^= 4
                _ = try file(data, "data.bin", in: directory)
                let different = try await FinishedCommand.run(["flash", "verify", "--port", board.port, "0x3000", path])
                #expect(different.end == "exit code 4")
                #expect(
                    different.errors == [
                        met,
                        "Error: \(board.port): the flash differs from 0x319d on (700 bytes were compared); "
                            + "write again, with a lower --baud if it happens twice",
                    ])
            }
        }
    }

    @Test("a region and the whole flash are erased, and no more than was asked for")
    func erase() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory) { board in
                let data = noise(0x14000, seed: 4)
                let path = try file(data, "data.bin", in: directory)
                _ = try await FinishedCommand.run([
                    "flash", "write", "--port", board.port, "--no-verify", "0xf000", path,
                ])
                // A sector, a block of 64 KiB, and a sector.
                let region = try await FinishedCommand.run([
                    "flash", "erase-region", "--port", board.port, "0x10000", "0x11000",
                ])
                #expect(region.end == "exit code 0", "\(region.errors)")
                let blank = [UInt8](repeating: 0xFF, count: 0x11000)
                #expect(
                    try board.flash(0xF000, 0x14000)
                        == Array(data[..<0x1000]) + blank + Array(data[0x12000...]))
                #expect(try await FinishedCommand.run(["flash", "erase", "--port", board.port]).end == "exit code 0")
                #expect(try board.flash(0, 4 << 20) == [UInt8](repeating: 0xFF, count: 4 << 20))
            }
        }
    }

    @Test("the ROM finds the SPI controller as it has left it when it is to write")
    func controller() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "data")
            try Data(noise(5000, seed: 1)).write(to: file)
            try await RunningBoard.run(in: directory) { board in
                let stay = ["--no-stub", "--after", "no-reset", "--port", board.port]
                func done(_ arguments: [String]) async throws -> [String] {
                    let command = try await FinishedCommand.run(["flash"] + arguments + stay)
                    #expect(command.end == "exit code 0", "\(command.errors)")
                    return command.output
                }
                let own = [("0x6000021c", "0x00000011"), ("0x60000220", "0x00000022"), ("0x60000224", "0x00000033")]
                for (register, value) in own {
                    _ = try await done([
                        "reg", "write", register, value, "--before",
                        register == "0x6000021c" ? "default-reset" : "no-reset",
                    ])
                }
                _ = try await done(["write", "--no-verify", "0x0", file.path, "--before", "no-reset"])
                for (register, value) in own {
                    #expect(try await done(["reg", "read", register, "--before", "no-reset"]) == [value])
                }
                #expect(try board.flash(0, 5000) == noise(5000, seed: 1))
            }
        }
    }

    @Test("registers and the flash's status are read and written")
    func registers() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory) { board in
                func output(_ arguments: [String]) async throws -> [String] {
                    let command = try await FinishedCommand.run(
                        ["flash"] + arguments + ["--port", board.port])
                    #expect(command.end == "exit code 0", "\(command.errors)")
                    return command.output
                }
                #expect(try await output(["reg", "read", "0x3ff00050"]) == ["0x56000000"])
                _ = try await output(["reg", "write", "0x60000300", "0xff", "--after", "no-reset"])
                _ = try await output([
                    "reg", "write", "0x60000300", "0x12", "--mask", "0xf", "--before", "no-reset", "--after",
                    "no-reset",
                ])
                #expect(try await output(["reg", "read", "0x60000300", "--before", "no-reset"]) == ["0x000000f2"])
                #expect(try await output(["status", "read"]) == ["0x0000"])
                _ = try await output(["status", "write", "0x0204"])
                #expect(try await output(["status", "read"]) == ["0x0204"])
                let dump = directory.appending(path: "dump").path
                _ = try await output(["reg", "dump", "0x3ff00050", "16", dump])
                #expect(
                    Array(try Data(contentsOf: URL(filePath: dump))) == [
                        0, 0, 0, 0x56, 0x34, 0x12, 0, 2, 0, 0xB0, 0, 0, 0, 0, 0, 0,
                    ])
            }
        }
    }

    @Test("several boards at once: one that fails does not stop the others, and each is named")
    func several() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory, arguments: ["--timing", "fast", "--count", "3"]) { board in
                let data = noise(5000, seed: 5)
                let path = try file(data, "data.bin", in: directory)
                let command = try await FinishedCommand.run(
                    ["flash", "write", "0x1000", path, "--connect-attempts", "1"]
                        + (board.ports + ["/dev/nothing"]).flatMap { ["--port", $0] })
                #expect(command.end == "exit code 2")
                #expect(
                    Array(command.errors.suffix(4)) == [
                        "\(board.ports[0]): done (18:fe:34:12:34:56)", "\(board.ports[1]): done (18:fe:34:12:34:57)",
                        "\(board.ports[2]): done (18:fe:34:12:34:58)",
                        "Error: /dev/nothing: there is no such port; iot ports lists those that there are",
                    ])
                for number in 1...3 { #expect(try board.flash(ofBoard: number, 0x1000, 5000) == data) }
            }
        }
    }

    @Test(
        "an image for another chip, one that does not fit, and files that overlap are refused before anything is erased"
    )
    func refused() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory) { board in
                let before = noise(0x1000, seed: 6)
                _ = try await FinishedCommand.run([
                    "flash", "write", "--port", board.port, "0x0", try file(before, "before.bin", in: directory),
                ])
                // An ESP32's header is longer: what follows is no segment of this chip.
                let other = try file(
                    [0xE9, 1, 2, 0x20, 0, 0, 8, 0x40, 0xEE, 0, 0, 0, 0, 0, 0, 0] + noise(500, seed: 7), "esp32.bin",
                    in: directory)
                let foreign = try await FinishedCommand.run(["flash", "write", "--port", board.port, "0x0", other])
                #expect(foreign.end == "exit code 6")
                #expect(foreign.errors.last?.contains("is no image for an ESP8266") == true)
                let large = try await FinishedCommand.run([
                    "flash", "write", "--port", board.port, "0x3ff000", other, "0x400000", other,
                ])
                #expect(large.end == "exit code 6")
                #expect(
                    large.errors.last
                        == "Error: \(other) ends at 0x400204, but the flash ends at 0x400000 (4 MB)"
                )
                let overlap = try await FinishedCommand.run([
                    "flash", "write", "--port", board.port, "0x1000", other, "0x1000", other,
                ])
                #expect(overlap.end == "exit code 6")
                #expect(
                    overlap.errors == [
                        "Error: \(other) goes to one place twice, wholly or in part"
                    ])
                #expect(try board.flash(0, 0x1000) == before)
            }
        }
    }

    @Test("no board, no port and wrong words end with their codes")
    func unreachable() async throws {
        try await withTemporaryDirectory { directory in
            let none = try await FinishedCommand.run(["flash", "id", "--port", "/dev/nothing"])
            #expect(none.end == "exit code 2")
            let scheme = try await FinishedCommand.run(["flash", "id", "--port", "ftp://board:1"])
            #expect(
                scheme.errors == [
                    "Error: ftp://board:1: known are rfc2217://host:port and socket://host:port"
                ])
            let regular = try await FinishedCommand.run([
                "flash", "id", "--port", try file([1], "regular", in: directory),
            ])
            #expect(regular.errors.last?.hasSuffix("it is no serial port") == true)
            #expect(try await FinishedCommand.run(["flash", "write", "0x0"]).end == "exit code 64")
            #expect(try await FinishedCommand.run(["flash", "read", "0x0", "much", "f"]).end == "exit code 64")
            // Nothing executes in a board that runs: over RFC 2217 it stays so without a reset.
            try await RunningBoard.run(.rfc2217, in: directory) { board in
                let running = try await FinishedCommand.run([
                    "flash", "id", "--port", board.port, "--before", "no-reset", "--connect-attempts", "1",
                ])
                #expect(running.end == "exit code 3")
            }
        }
    }

    @Test("a port that is in use is named with the process that has it")
    func busy() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let path = try file(noise(200_000, seed: 8), "data.bin", in: directory)
                let writing = try BuiltCommand.start([
                    "flash", "write", "--no-stub", "--json", "--port", board.port, "0x0", path,
                ])
                for await line in writing.lines where line.contains(#""event":"began""#) { break }
                let second = try await FinishedCommand.run(["flash", "id", "--port", board.port])
                #expect(second.end == "exit code 2")
                // The board holds the other end of the pseudo terminal, and is not meant.
                #expect(
                    second.errors == [
                        "Error: \(board.port): it is in use by iot (process \(writing.processIdentifier)); end that program first"
                    ])
                await writing.stop(within: .seconds(20))
                #expect(await writing.waitForEnd() == "exit code 130")
            }
        }
    }

    @Test("events for scripts are lines of JSON")
    func json() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory) { board in
                let path = try file(noise(100, seed: 9), "data.bin", in: directory)
                let command = try await FinishedCommand.run([
                    "flash", "write", "--json", "--port", board.port, "0x1000", path,
                ])
                #expect(command.errors == [])
                let lines = command.output.map { $0.replacing(board.port, with: "PORT") }
                    .map { $0.replacing(/"seconds":[0-9.e-]+/, with: #""seconds":0"#) }
                // Progress is told every 200 ms: of so little data only by a slow machine, before its one sector is there.
                let progress = #"{"done":0,"event":"progress","phase":"write","port":"PORT","total":100}"#
                #expect(
                    lines.filter { $0 != progress } == [
                        #"{"event":"connecting","port":"PORT"}"#,
                        #"{"chip":"ESP8266EX","crystalMHz":26,"event":"board","flashBytes":4194304,"flashID":"ef 40 16","#
                            + #""mac":"18:fe:34:12:34:56","port":"PORT"}"#,
                        #"{"event":"began","phase":"write","port":"PORT","total":100,"what":"0x1000"}"#,
                        #"{"done":100,"event":"ended","phase":"write","port":"PORT","seconds":0}"#,
                        #"{"event":"began","phase":"verify","port":"PORT","total":100,"what":"0x1000"}"#,
                        #"{"done":100,"event":"ended","phase":"verify","port":"PORT","seconds":0}"#,
                        #"{"event":"note","message":"the board was started","port":"PORT"}"#,
                        #"{"event":"done","port":"PORT"}"#,
                    ])
            }
        }
    }

    @Test("progress is told by the sectors that are in the flash, and never the end of it")
    func progress() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let total = 60_000
                let path = try file(noise(total, seed: 10), "data.bin", in: directory)
                let command = try await FinishedCommand.run([
                    "flash", "write", "--json", "--no-verify", "--port", board.port, "0x1000", path,
                ])
                #expect(command.end == "exit code 0", "\(command.errors)")
                let told = command.output.filter { $0.contains(#""event":"progress""#) }
                let done = told.compactMap { $0.firstMatch(of: /"done":(\d+)/).flatMap { Int($0.1) } }
                #expect(
                    told
                        == done.map {
                            #"{"done":\#($0),"event":"progress","phase":"write","port":"\#(board.port)","total":\#(total)}"#
                        })
                // So much takes 5 s on the wire.
                #expect(Set(done).count >= 3, "\(done)")
                #expect(done == done.sorted())
                #expect(done.allSatisfy { $0.isMultiple(of: 4096) && $0 < total }, "\(done)")
            }
        }
    }
}
