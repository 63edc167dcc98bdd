import ESPLoader
import Foundation
import TestSupport
import Testing

/// Files of other formats that other tools have made, written by `iot flash`.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct InputFormatCommandTests {
    @Test("UF2 and Intel HEX files of esptool say themselves where they go")
    func merged() async throws {
        try await withTemporaryDirectory { directory in
            let (one, other) = (noise(5000, seed: 1), noise(3000, seed: 2))
            let files = ["one.bin", "other.bin"].map { directory.appending(path: $0) }
            try Data(one).write(to: files[0])
            try Data(other).write(to: files[1])
            try await RunningBoard.run(in: directory) { board in
                for (format, name) in [("uf2", "merged.uf2"), ("hex", "merged.hex")] {
                    let merged = directory.appending(path: name).path
                    _ = try await PythonPeer.run(
                        "esptool_run.py",
                        [
                            "merge-bin", "--format", format, "-o", merged, "0x1000", files[0].path, "0x8000",
                            files[1].path,
                        ])
                    let erased = try await FinishedCommand.run(["flash", "erase", "--port", board.port])
                    #expect(erased.end == "exit code 0")
                    let written = try await FinishedCommand.run(["flash", "write", "--port", board.port, merged])
                    #expect(written.end == "exit code 0", "\(format): \(written.errors)")
                    #expect(try board.flash(0x1000, one.count) == one, "\(format)")
                    #expect(try board.flash(0x8000, other.count) == other, "\(format)")
                }
            }
        }
    }

    @Test("an address before a file that says itself where it goes is refused, whatever the file is called")
    func addressed() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "firmware.txt")
            try Data(":0410000001020304E2\n:00000001FF\n".utf8).write(to: file)
            let written = try await FinishedCommand.run([
                "flash", "write", "--port", "/dev/null", "0x2000", file.path,
            ])
            #expect(written.end == "exit code 64")
            #expect(
                written.errors.first
                    == "Error: \(file.path) says itself where it goes, because it is an Intel HEX file: leave its address out"
            )
            let merged = try await FinishedCommand.run([
                "image", "merge", "-o", directory.appending(path: "all.bin").path, "0x2000", file.path,
            ])
            #expect(merged.end == "exit code 64")
        }
    }

    @Test("a file that a command reads is not replaced by what it makes")
    func inPlace() async throws {
        try await withTemporaryDirectory { directory in
            let (file, link) = (directory.appending(path: "boot.bin"), directory.appending(path: "link.bin"))
            try Data(noise(100, seed: 1)).write(to: file)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
            let merged = try await FinishedCommand.run(["image", "merge", "-o", link.path, "0x0", file.path])
            #expect(merged.end == "exit code 1")
            #expect(
                merged.errors == ["Error: \(link.path): cannot be written: it is also read; name another file"])
            #expect(try Array(Data(contentsOf: file)) == noise(100, seed: 1))
        }
    }

    @Test("a program is put into memory and started; one for the flash is refused")
    func memory() async throws {
        try await withTemporaryDirectory { directory in
            let image = FirmwareImage(
                header: ImageHeader(entry: 0x4010_0000),
                segments: [
                    ImageSegment(address: 0x4010_0000, data: noise(9000, seed: 3) + [0, 0, 0, 0]),
                    ImageSegment(address: 0x3FFE_8000, data: noise(400, seed: 4)),
                ])
            let file = directory.appending(path: "ram.bin")
            try Data(image.encoded).write(to: file)
            var wrong = image
            wrong.segments[1].address = 0x4021_0000
            let flashed = directory.appending(path: "flash-program.bin")
            try Data(wrong.encoded).write(to: flashed)
            try await RunningBoard.run(in: directory) { board in
                let loaded = try await FinishedCommand.run(["flash", "load-ram", "--port", board.port, file.path])
                #expect(loaded.end == "exit code 0", "\(loaded.errors)")
                let refused = try await FinishedCommand.run(["flash", "load-ram", "--port", board.port, flashed.path])
                #expect(refused.end == "exit code 6")
                #expect(
                    refused.errors == [
                        "Error: \(flashed.path): a segment goes to 0x40210000, which a program cannot be loaded into"
                    ])
            }
        }
    }
}
