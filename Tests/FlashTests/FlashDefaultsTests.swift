import Foundation
import Settings
import TestSupport
import Testing

@testable import Flash

@Suite struct FlashDefaultsTests {
    @Test("every key is read, and other tables are left alone")
    func whole() throws {
        let defaults = try FlashDefaults(
            toml: """
                [monitor]
                baud = 74880
                [flash]
                port = ["/dev/ttyUSB0", "rfc2217://lab:4000"]
                baud = 460800
                before = "no-reset"
                after = "no-reset"
                connect-attempts = 3
                flash-mode = "dio"
                flash-freq = "keep"
                flash-size = "4MB"
                """)
        var expected = FlashDefaults()
        expected.ports = ["/dev/ttyUSB0", "rfc2217://lab:4000"]
        expected.baud = 460_800
        expected.before = .noReset
        expected.after = .noReset
        expected.connectAttempts = 3
        expected.mode = .value(.dio)
        expected.frequency = .keep
        expected.size = .value(.megabytes4)
        #expect(defaults == expected)
        #expect(try FlashDefaults(toml: "[flash]\nport = \"/dev/a\"").ports == ["/dev/a"])
        #expect(try FlashDefaults(toml: "") == FlashDefaults())
    }

    @Test("mode and frequency of the file go into the header, and the command line goes before them, its keep too")
    func header() throws {
        let defaults = try FlashDefaults(
            toml: "[flash]\nflash-mode = \"dout\"\nflash-freq = \"80m\"\nflash-size = \"2MB\"")
        let file = WritePlan.Header(mode: .dout, frequency: .megahertz80, size: .value(.megabytes2))
        #expect(try HeaderOptions.parse([]).header(defaults) == file)
        #expect(
            try HeaderOptions.parse(["--flash-mode", "keep", "--flash-freq", "26m", "--flash-size", "keep"]).header(
                defaults) == WritePlan.Header(mode: nil, frequency: .megahertz26, size: .keep))
        #expect(try HeaderOptions.parse([]).header(FlashDefaults()) == WritePlan.Header())
    }

    @Test("all that is wrong is said at once, with its path")
    func wrong() throws {
        let error = #expect(throws: SettingsError.self) {
            try FlashDefaults(toml: "[flash]\nbaud = 1\nspeed = 2\nport = 3\nflash-size = \"5MB\"")
        }
        #expect(
            error?.problems.map(\.path) == [
                "flash.port", "flash.port", "flash.baud", "flash.flash-size", "flash.speed",
            ])
        for text in ["port = \"\"", "port = []", "port = [\"\"]"] {
            let empty = #expect(throws: SettingsError.self) { try FlashDefaults(toml: "[flash]\n\(text)") }
            #expect(empty?.problems.map(\.message) == ["must name a port"], "\(text)")
        }
        let syntax = #expect(throws: SettingsError.self) { try FlashDefaults(toml: "[flash]\nbaud = ") }
        #expect(syntax?.problems.map(\.line) == [2])
    }

    @Test("a file that is named must be there, and its port is used where the command names none")
    func file() async throws {
        try await withTemporaryDirectory { directory in
            let missing = try await FinishedCommand.run(["flash", "id", "--config", directory.path + "/none.toml"])
            #expect(missing.end == "exit code 6")
            try await RunningBoard.run(in: directory) { board in
                let file = directory.appending(path: "iot.toml")
                try "[flash]\nport = \"\(board.port)\"\n".write(to: file, atomically: true, encoding: .utf8)
                let command = try await FinishedCommand.run(["flash", "id", "--config", file.path])
                #expect(command.end == "exit code 0", "\(command.errors)")
                try "[flash]\nbaud = 9\n".write(to: file, atomically: true, encoding: .utf8)
                let wrong = try await FinishedCommand.run(["flash", "id", "--config", file.path])
                #expect(wrong.end == "exit code 64")
                #expect(wrong.errors == ["Error: \(file.path): flash.baud: must be from 9600 to 4000000, not 9"])
            }
        }
    }
}
