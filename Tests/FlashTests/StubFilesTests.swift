import ESPLoader
import Foundation
import TestSupport
import Testing

/// Several files in one write, and one write after the other, through our stub.
@Suite(.timeLimit(.minutes(5))) struct StubFilesTests {
    @Test(
        "files that touch, one that leaves a gap, one that is blank, and formats that say where they go, in one write",
        arguments: [[], ["--full"]])
    func several(options: [String]) async throws {
        try await NoisyBoard.run { noisy in
            let one = noise(0x1000 + 904, seed: 1)
            let touching = noise(0x2000, seed: 2)
            let behindGap = noise(1, seed: 3)
            let blank = [UInt8](repeating: 0xFF, count: 0x1800)
            let hex = [(0x2_0000, noise(5000, seed: 4)), (0x3_F000, noise(0x1001, seed: 5))]
            let program = WrittenELF(
                entry: 0x4010_0000,
                sections: [
                    .init(name: ".irom0.text", address: 0x4026_0000, data: noise(6000, seed: 6)),
                    .init(name: ".text", address: 0x4010_0000, data: [1, 2, 3, 4]),
                ])
            let image = FirmwareImage(
                header: ImageHeader(entry: 0x4010_0000),
                segments: [ImageSegment(address: 0x4010_0000, data: [1, 2, 3, 4])]
            ).encoded
            let pieces = hex.compactMap { place, bytes in
                FlashOffset(bytes: place).map { FlashData(offset: $0, bytes: bytes) }
            }
            let written = try await noisy.command(
                [
                    "write", "0x6000", noisy.file("gap.bin", behindGap), "0x1000", noisy.file("one.bin", one),
                    noisy.file("more.hex", Array(IntelHEX.encode(pieces).utf8)), "0x3000",
                    noisy.file("touching.bin", touching), noisy.file("app.elf", program.bytes), "0x8000",
                    noisy.file("blank.bin", blank), "--flash-size", "keep",
                ] + options)
            #expect(written.end == "exit code 0", "\(written.errors)")
            #expect(
                try noisy.flash(0..<4 << 20)
                    == NoisyBoard.expected(
                        [
                            (0, image), (0x1000, one), (0x3000, touching), (0x6000, behindGap), (0x8000, blank),
                            (0x6_0000, noise(6000, seed: 6)),
                        ] + hex))
        }
    }

    @Test("of several files only what differs goes over the line, file by file")
    func differing() async throws {
        try await NoisyBoard.run { noisy in
            var files = [noise(20_000, seed: 1), noise(30_000, seed: 2), noise(10_000, seed: 3)]
            func write() async throws -> FinishedCommand {
                try await noisy.command(
                    [
                        "write", "--after", "no-reset", "--trace", "0x1000", noisy.file("0", files[0]), "0x10000",
                        noisy.file("1", files[1]), "0x20000", noisy.file("2", files[2]),
                    ])
            }
            #expect(try await write().end == "exit code 0")
            files[1][29_999] ^= 1
            let second = try await write()
            #expect(second.end == "exit code 0", "\(second.errors)")
            let told = second.errors.filter { $0.contains("held that already") }
            #expect(
                told == [
                    "all 5 sectors held that already, and were left alone: --full writes them all the same",
                    "7 of 8 sectors held that already, and were left alone",
                    "all 3 sectors held that already, and were left alone: --full writes them all the same",
                ])
            // The last sector of the second file is 1328 bytes that cannot be packed.
            #expect((1328..<3500).contains(NoisyBoard.bytesSent(second)), "\(NoisyBoard.bytesSent(second))")
            let expected = NoisyBoard.expected([(0x1000, files[0]), (0x10000, files[1]), (0x20000, files[2])])
            #expect(try noisy.flash(0..<4 << 20) == expected)
        }
    }

    @Test(
        "each write at another speed, up and down, finds the board and writes",
        arguments: [RunningBoard.Kind.pseudoTerminal, .rfc2217])
    func speeds(kind: RunningBoard.Kind) async throws {
        try await NoisyBoard.run(kind) { noisy in
            var files: [(place: Int, bytes: [UInt8])] = []
            for (index, baud) in [115_200, 921_600, 460_800, 1_500_000, 230_400, 74_880, 2_000_000].enumerated() {
                files.append((0x1000 + 0x4000 * index, noise(0x2345, seed: UInt64(index))))
                let place = "0x" + String(files[index].place, radix: 16)
                let written = try await noisy.command(
                    [
                        "write", "--baud", "\(baud)", "--after", "no-reset", place,
                        noisy.file("file.bin", files[index].bytes),
                    ])
                #expect(written.end == "exit code 0", "\(baud): \(written.errors)")
                #expect(try noisy.flash(0..<4 << 20) == NoisyBoard.expected(files), "\(baud)")
            }
        }
    }
}
