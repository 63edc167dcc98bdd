import Foundation
import TestSupport
import Testing

/// `iot board` as a process, flashed by unmodified esptool over its pseudo terminal.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct EsptoolTests {
    @Test(
        "esptool finds the chip and its flash, writes, verifies, reads and erases, with and without its stub",
        arguments: [("nodemcu", "ef"), ("d1-mini", "c8")])
    func esptool(model: String, manufacturer: String) async throws {
        try await withTemporaryDirectory { directory in
            let link = directory.appending(path: "board").path
            let flash = directory.appending(path: "flash.bin").path
            let board = try BuiltCommand.start([
                "board", "--model", model, "--link", link, "--flash", flash, "--timing", "fast", "--json",
            ])
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
}
