import Foundation
import TestSupport
import Testing

/// `iot board` as a process, flashed by unmodified esptool over its pseudo terminal.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct EsptoolTests {
    @Test(
        "esptool finds the chip and its flash, writes, verifies, reads and erases, with and without its stub",
        arguments: [("nodemcu", "ef", []), ("d1-mini", "c8", []), ("nodemcu", "ef", ["--no-cpu"])]
            as [(String, String, [String])])
    func esptool(model: String, manufacturer: String, execution: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let link = directory.appending(path: "board").path
            let flash = directory.appending(path: "flash.bin").path
            let board = try BuiltCommand.start(
                [
                    "board", "--model", model, "--link", link, "--flash", flash, "--timing", "fast", "--json",
                ] + execution)
            #expect(
                try await board.readyLine(within: .seconds(90))
                    == #"{"boards":[{"mac":"18:fe:34:12:34:56","model":"\#(model)","port":"\#(link)"}]}"#)
            let lines = try await PythonPeer.run(
                "esptool_board.py", [link, flash, directory.path], within: .seconds(150))
            #expect(
                lines == [
                    #"{"what": "chip", "is": ["ESP8266EX", "26MHz", "18:fe:34:12:34:56"]}"#,
                    #"{"what": "flash", "is": ["\#(manufacturer)", "4016", "4MB"]}"#,
                    #"{"what": "written without a stub", "is": true}"#,
                    #"{"what": "written with a stub, compressed", "is": [true, true]}"#,
                    #"{"what": "verified", "is": true}"#, #"{"what": "read back", "is": true}"#,
                    #"{"what": "a region erased", "is": [true, true]}"#, #"{"what": "all erased", "is": true}"#,
                ])
            await board.stop(within: .seconds(20))
            #expect(await board.waitForEnd() == "exit code 0")
            #expect(!FileManager.default.fileExists(atPath: link))
        }
    }

    @Test(
        "with real timing both of esptool's stubs run, change the speed of the line, and leave the flash as it should be",
        arguments: [("1", "460800"), ("2", "115200"), ("2", "460800"), ("2", "921600")])
    func realTiming(stub: String, baud: String) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "data.bin")
            try Data(noise(20_001, seed: 3)).write(to: file)
            let before = noise(4 << 20, seed: 4)
            try Data(before).write(to: directory.appending(path: "flash.bin"))
            try await RunningBoard.run(in: directory, arguments: ["--timing", "real"]) { board in
                let lines = try await PythonPeer.run(
                    "esptool_run.py",
                    [
                        "--port", board.port, "--baud", baud, "--stub-version", stub, "write-flash", "0x10000",
                        file.path,
                    ], within: .seconds(120))
                #expect(lines.last?.contains(#""code": 0"#) == true, "\(lines)")
                // What is left of the last sector is erased, or not, as the stub rounds; all else must be as it was.
                let after = try board.flash(0, 4 << 20)
                #expect(Array(after[0x10000..<0x10000 + 20_001]) == noise(20_001, seed: 3))
                #expect(after[..<0x10000].elementsEqual(before[..<0x10000]))
                #expect(after[0x15000...].elementsEqual(before[0x15000...]))
            }
        }
    }
}
