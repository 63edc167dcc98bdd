import ESPLoader
import Foundation
import TestSupport
import Testing

/// What only shows when a command goes its whole way to a board.
@Suite(.timeLimit(.minutes(5))) struct WholeWayTests {
    @Test("iot.toml of the working directory names port, mode and frequency, and each change of the header is told")
    func workingDirectory() async throws {
        try await withTemporaryDirectory { directory in
            let image = FirmwareImage(
                header: ImageHeader(entry: 0x4010_0000),
                segments: [ImageSegment(address: 0x4010_0000, data: [1, 2, 3, 4])]
            ).encoded
            try Data(image).write(to: directory.appending(path: "app.bin"))
            try await RunningBoard.run(in: directory) { board in
                let settings = "[flash]\nport = \"\(board.port)\"\nflash-mode = \"dout\"\nflash-freq = \"80m\"\n"
                try Data(settings.utf8).write(to: directory.appending(path: "iot.toml"))
                let process = Process()
                process.executableURL = try BuiltCommand.executable()
                process.arguments = ["flash", "write", "0x0", "app.bin"]
                process.currentDirectoryURL = directory
                let errors = Pipe()
                process.standardError = errors
                try process.run()
                let said = try await onThread {
                    let data = try errors.fileHandleForReading.readToEnd() ?? Data()
                    process.waitUntilExit()
                    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
                }
                #expect(process.terminationStatus == 0)
                #expect(
                    said.filter { $0.hasPrefix("flash ") } == [
                        "flash mode in the header: qio -> dout", "flash frequency in the header: 40m -> 80m",
                        "flash size in the header: 1MB -> 4MB, as the flash says",
                    ])
                #expect(try board.flash(0, image.count) == [0xE9, 1, 3, 0x4F] + image[4...])
            }
        }
    }

    @Test("an ELF file becomes an image at 0 and what stands in the flash's window")
    func elf() async throws {
        try await withTemporaryDirectory { directory in
            let program = WrittenELF(
                entry: 0x4010_0000,
                sections: [
                    .init(name: ".irom0.text", address: 0x4021_0000, data: noise(100, seed: 1)),
                    .init(name: ".text", address: 0x4010_0000, data: [1, 2, 3, 4]),
                ])
            let file = directory.appending(path: "app.elf")
            try Data(program.bytes).write(to: file)
            try await RunningBoard.run(in: directory) { board in
                let written = try await FinishedCommand.run([
                    "flash", "write", file.path, "--flash-size", "keep", "--port", board.port,
                ])
                #expect(written.end == "exit code 0", "\(written.errors)")
                let image = FirmwareImage(
                    header: ImageHeader(entry: 0x4010_0000),
                    segments: [ImageSegment(address: 0x4010_0000, data: [1, 2, 3, 4])]
                ).encoded
                #expect(try board.flash(0, image.count) == image)
                #expect(try board.flash(0x10000, 100) == noise(100, seed: 1))
            }
        }
    }

    @Test("run leaves the loader, which then answers no more; --trace says what went over the wire and the lines")
    func run() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.rfc2217, in: directory) { board in
                func flash(_ arguments: String...) async throws -> FinishedCommand {
                    try await FinishedCommand.run(["flash"] + arguments + ["--port", board.port])
                }
                let met = try await flash("id", "--after", "no-reset", "--trace")
                #expect(met.end == "exit code 0")
                let name = "\(board.port) +"
                #expect(met.errors.allSatisfy { $0.hasPrefix(name) }, "\(met.errors.prefix(3))")
                #expect(met.errors.contains { $0.contains(" ms lines ") })
                #expect(met.errors.contains { $0.contains(" ms <- 46 bytes: c0 00 08 24 00 ") })
                #expect(met.errors.contains { $0.contains(" ms -> ") })
                #expect(try await flash("id", "--before", "no-reset", "--after", "no-reset").end == "exit code 0")
                #expect(try await flash("run", "--before", "no-reset").errors.last == "the board was started")
                let left = try await flash("id", "--before", "no-reset", "--connect-attempts", "1")
                #expect(left.end == "exit code 3")
            }
        }
    }

    @Test("the shell is given files, ports and values to complete")
    func completion() async throws {
        let script = try await FinishedCommand.run(["--generate-completion-script", "bash"])
        let text = script.output.joined(separator: "\n")
        #expect(script.end == "exit code 0")
        for values in [["keep", "qio", "qout", "dio", "dout"], ["keep", "20m", "26m"], ["keep", "detect", "256KB"]] {
            #expect(text.contains(values.map { "'\($0)'" }.joined(separator: #"$'\n'"#)), "\(values)")
        }
        #expect(text.contains("---completion flash write -- --port"))
        let help = try await FinishedCommand.run(["flash", "id", "--help"]).output.joined(separator: " ")
        #expect(help.contains("default-reset).") && help.contains("(default: hard-reset)"))
    }
}
