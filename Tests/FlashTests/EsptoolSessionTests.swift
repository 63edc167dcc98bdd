import Foundation
import TestSupport
import Testing

/// Unmodified esptool writes images of several kinds to boards whose flash is full of noise.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct EsptoolSessionTests {
    /// Name and place of each; every kind is as it comes: no length is a multiple of a sector.
    private static let images: [(name: String, address: Int)] = [
        ("boot.bin", 0), ("noise.bin", 0x5000), ("blank.bin", 0x11000), ("even.bin", 0x1E000), ("build.bin", 0),
    ]

    /// A boot loader's image of version 1 as the facts have it: header, one segment, the checksum at the end of 16 bytes.
    private static let boot: [UInt8] = {
        let code = noise(0x174, seed: 5)
        var bytes: [UInt8] = [0xE9, 1, 2, 0x40, 0, 0xF0, 0x10, 0x40, 0, 0xF0, 0x10, 0x40, 0x74, 1, 0, 0] + code
        bytes += [UInt8](repeating: 0, count: 15 - bytes.count % 16)
        return bytes + [code.reduce(0xEF, ^)]
    }()

    /// Makes the images; the Arduino build by `iot image`.
    private func makeImages(in directory: URL) async throws {
        func write(_ bytes: [UInt8], _ name: String) throws {
            try Data(bytes).write(to: directory.appending(path: name))
        }
        try write(Self.boot, "boot.bin")
        try write(noise(9_001, seed: 6), "noise.bin")
        try write([UInt8](repeating: 0xFF, count: 5_000), "blank.bin")
        try write((0..<40_003).map { UInt8($0 / 900 % 3) }, "even.bin")
        let sketch = WrittenELF(
            entry: 0x4010_0004,
            sections: [
                .init(name: ".irom0.text", address: 0x4020_1010, data: noise(0x1234, seed: 7)),
                .init(name: ".text", address: 0x4010_0000, data: noise(0x100, seed: 8)),
                .init(name: ".data", address: 0x3FFE_8000, data: noise(0x20, seed: 9)),
            ])
        try write(sketch.bytes, "sketch.elf")
        let made = try await FinishedCommand.run([
            "image", "from-elf", directory.appending(path: "sketch.elf").path, "--version", "arduino", "--eboot",
            directory.appending(path: "boot.bin").path, "-o", directory.appending(path: "build.bin").path,
        ])
        #expect(made.end == "exit code 0", "\(made.errors)")
    }

    @Test(
        "several images are written, verified, read back and erased over one connection, and nothing beside them changes",
        arguments: [RunningBoard.Kind.pseudoTerminal, .rfc2217], ["rom", "stub"])
    func session(kind: RunningBoard.Kind, loader: String) async throws {
        try await withTemporaryDirectory { directory in
            try await makeImages(in: directory)
            let flash = directory.appending(path: "flash.bin")
            try Data(noise(4 << 20, seed: 9)).write(to: flash)
            let words = Self.images.map { "\(directory.appending(path: $0.name).path)@\($0.address)" }
            let lines = try await RunningBoard.run(kind, in: directory) { board in
                try await PythonPeer.run(
                    "esptool_session.py", [board.port, flash.path, loader] + words, within: .seconds(200))
            }
            func written(_ name: String) -> [String] { ["\(name) written, and nothing beside it"] }
            func looked(_ name: String) -> [String] { ["\(name) verified, another one not", "\(name) read back"] }
            let names = Self.images.map(\.name)
            // Reading is for esptool's stub alone: what the ROM wrote is read in the end.
            let steps =
                loader == "stub"
                ? names.flatMap { written($0) + looked($0) }
                : names.flatMap(written) + names.dropFirst().flatMap(looked)
            let erased = ["a region erased, and nothing beside it", "all erased"]
            #expect(
                lines == [
                    #"{"what": "chip", "is": ["ESP8266", 26, "18:fe:34:12:34:56"]}"#,
                    #"{"what": "flash", "is": "0x1640ef"}"#,
                ] + (steps + erased).map { #"{"what": "\#($0)", "is": true}"# })
        }
    }
}
