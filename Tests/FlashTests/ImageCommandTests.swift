import Foundation
import TestSupport
import Testing

/// `iot image` as a process: whole outputs.
@Suite(.timeLimit(.minutes(5)))
struct ImageCommandTests {
    /// A program with parts in IRAM, DRAM and the flash; .rodata follows .data directly.
    private let program = WrittenELF(
        entry: 0x4010_0004,
        sections: [
            .init(name: ".irom0.text", address: 0x4021_0000, data: [UInt8](repeating: 0x11, count: 10)),
            .init(name: ".text", address: 0x4010_0000, data: [UInt8](repeating: 0x22, count: 6)),
            .init(name: ".data", address: 0x3FFE_8000, data: [UInt8](repeating: 0x33, count: 5)),
            .init(name: ".rodata", address: 0x3FFE_8008, data: [UInt8](repeating: 0x44, count: 8)),
        ])

    private let sketch = WrittenELF(
        entry: 0x4010_0004,
        sections: [
            .init(name: ".data", address: 0x3FFE_8000, data: [1, 2, 3, 4]),
            .init(name: ".irom0.text", address: 0x4020_1010, data: [UInt8](repeating: 0, count: 16)),
            .init(name: ".text", address: 0x4010_0000, data: [5, 6, 7, 8]),
        ])

    private let eboot = WrittenELF(
        entry: 0x4010_F000, sections: [.init(name: ".text", address: 0x4010_F000, data: [1, 1, 2, 2])])

    /// The directory's name for the command, and for what it says.
    private func within(_ body: (Folder) async throws -> Void) async throws {
        try await withTemporaryDirectory { try await body(Folder(url: $0)) }
    }

    private struct Folder {
        var url: URL

        func path(_ name: String) -> String { url.appending(path: name).path }

        func write(_ bytes: [UInt8], _ name: String) throws -> String {
            try Data(bytes).write(to: url.appending(path: name))
            return path(name)
        }

        func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: url.appending(path: name))) }

        var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }
    }

    private func image(_ arguments: String...) async throws -> FinishedCommand {
        try await FinishedCommand.run(["image"] + arguments)
    }

    private func done(_ output: String...) -> FinishedCommand {
        FinishedCommand(end: "exit code 0", output: output, errors: [])
    }

    private func refused(_ code: Int, _ error: String) -> FinishedCommand {
        FinishedCommand(end: "exit code \(code)", output: [], errors: ["Error: \(error)"])
    }

    private let firstImage: [UInt8] =
        [0xE9, 2, 2, 0x40, 4, 0, 0x10, 0x40] + [0, 0, 0x10, 0x40, 8, 0, 0, 0] + [
            0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0, 0,
        ]
        + [0, 0x80, 0xFE, 0x3F, 16, 0, 0, 0] + [0x33, 0x33, 0x33, 0x33, 0x33, 0, 0, 0]
        + [UInt8](repeating: 0x44, count: 8) + [UInt8](repeating: 0, count: 15) + [0xDC]

    @Test("from-elf makes the two files of version 1, and info says what stands in them")
    func firstVersion() async throws {
        try await within { folder in
            let elf = try folder.write(program.bytes, "app.elf")
            #expect(
                try await image("from-elf", elf, "--flash-mode", "dio", "--flash-size", "4MB")
                    == done("0x00000  \(elf)-0x00000.bin, 64 bytes", "0x10000  \(elf)-0x10000.bin, 12 bytes"))
            #expect(try folder.bytes("app.elf-0x00000.bin") == firstImage)
            #expect(try folder.bytes("app.elf-0x10000.bin") == [UInt8](repeating: 0x11, count: 10) + [0, 0])
            #expect(
                try await image("info", elf + "-0x00000.bin")
                    == done(
                        "file      \(elf)-0x00000.bin, 64 bytes", "image     version 1, 64 bytes at 0x0",
                        "flash     dio, 40m, 4MB", "entry     0x40100004, IRAM", "checksum  0xdc, right",
                        "segment   address     bytes   in file   region",
                        "      1   0x40100000        8  0x000010  IRAM",
                        "      2   0x3ffe8000       16  0x000020  DRAM"))
        }
    }

    @Test("from-elf makes the one file of version 2; --json names files and numbers")
    func secondVersion() async throws {
        try await within { folder in
            let elf = try folder.write(program.bytes, "app.elf")
            let made = try await image("from-elf", elf, "--version", "2", "--json")
            let file = folder.path("app-0x10000.bin")
            #expect(made == done(#"[{"address":65536,"bytes":100,"file":"\#(file)"}]"#))
            let info = try await image("info", file)
            #expect(
                info
                    == done(
                        "file      \(file), 100 bytes", "image     version 2, 100 bytes at 0x0",
                        "flash     qio, 40m, 1MB", "entry     0x40100004, IRAM", "checksum  0xdc, right",
                        info.output.first { $0.hasPrefix("crc") } ?? "",
                        "segment   address     bytes   in file   region",
                        "      1   0x00000000       16  0x000010  flash (IROM)",
                        "      2   0x40100000        8  0x000030  IRAM",
                        "      3   0x3ffe8000       16  0x000040  DRAM"))
            #expect(info.output.contains { $0.hasPrefix("crc       0x") && $0.hasSuffix(", right") })
            var broken = try folder.bytes("app-0x10000.bin")
            broken[0x30] ^= 1
            let wrong = try await image("info", try folder.write(broken, "broken.bin"), "--json")
            #expect(wrong.end == "exit code 6")
            #expect(wrong.output.first?.contains(#""checksum":{"computed":221,"right":false,"stored":220}"#) == true)
        }
    }

    @Test("from-elf joins an Arduino build with its boot loader; without it, it says what is missing")
    func arduino() async throws {
        try await within { folder in
            let elf = try folder.write(sketch.bytes, "sketch.elf")
            let boot = try folder.write(eboot.bytes, "eboot.elf")
            let build = folder.path("sketch.bin")
            #expect(
                try await image("from-elf", elf, "--version", "arduino", "--eboot", boot)
                    == done("0x00000  \(build), 4160 bytes"))
            let info = try await image("info", build)
            #expect(
                info
                    == done(
                        "file      \(build), 4160 bytes",
                        "build     Arduino, eboot and application, 4160 bytes long by its own account",
                        info.output.first { $0.hasPrefix("crc       0x") && $0.hasSuffix(", right") } ?? "", "",
                        "image     eboot, version 1, 32 bytes at 0x0", "flash     qio, 40m, 1MB",
                        "entry     0x4010f000, IRAM", "checksum  0xef, right",
                        "segment   address     bytes   in file   region",
                        "      1   0x4010f000        4  0x000010  IRAM", "",
                        "image     Arduino application, version 1, 64 bytes at 0x1000", "flash     qio, 40m, 1MB",
                        "entry     0x40100004, IRAM", "checksum  0xe7, right",
                        "segment   address     bytes   in file   region",
                        "      1   0x40201010       16  0x001010  flash (IROM)",
                        "      2   0x40100000        4  0x001028  IRAM",
                        "      3   0x3ffe8000        4  0x001034  DRAM"))
            // eboot as an image is the same.
            let raw = try folder.write(Array(try folder.bytes("sketch.bin")[..<0x1000]), "eboot.bin")
            let again = folder.path("again.bin")
            #expect(
                try await image("from-elf", elf, "--version", "arduino", "--eboot", raw, "-o", again).end
                    == "exit code 0")
            #expect(try folder.bytes("again.bin") == folder.bytes("sketch.bin"))
            #expect(
                try await image("from-elf", elf, "--version", "arduino")
                    == refused(
                        64,
                        "an Arduino build starts through the core's boot loader: name it with --eboot (the core has it as "
                            + "bootloaders/eboot/eboot.elf)"))
            #expect(
                try await FinishedCommand.run(["flash", "write", elf, "--port", "/dev/nothing"])
                    == refused(
                        6,
                        "\(elf): it is an Arduino build, which starts only through the core's boot loader; write the .bin of "
                            + "the build, or make it: iot image from-elf \(elf) --layout arduino --eboot eboot.elf"))
        }
    }

    @Test("merge writes raw, Intel HEX and UF2, and reads back what it wrote")
    func merge() async throws {
        try await within { folder in
            let one = try folder.write(noise(700, seed: 1), "one.bin")
            let two = try folder.write(noise(5, seed: 2), "two.bin")
            let expected = noise(700, seed: 1) + [UInt8](repeating: 0xFF, count: 0x10000 - 700) + noise(5, seed: 2)
            for (format, name) in [("raw", "raw"), ("hex", "Intel HEX"), ("uf2", "UF2")] {
                let output = folder.path("all." + format)
                #expect(
                    try await image("merge", "--format", format, "-o", output, "0x10000", two, "0", one)
                        == done(
                            "\(output), \(try folder.bytes("all." + format).count) bytes, \(name): 0x0 to 0x10005"))
                let back = folder.path("back.bin")
                let place = format == "raw" ? ["0x0", output] : [output]
                #expect(
                    try await FinishedCommand.run(["image", "merge", "-o", back] + place)
                        == done("\(back), 65541 bytes, raw: 0x0 to 0x10005"))
                #expect(try folder.bytes("back.bin") == expected, "\(format)")
            }
            #expect(
                try await image("merge", "-o", folder.path("full.bin"), "--fill-to", "128k", "0x10000", two, "0", one)
                    == done("\(folder.path("full.bin")), 131072 bytes, raw: 0x0 to 0x20000"))
            #expect(
                try folder.bytes("full.bin") == expected + [UInt8](repeating: 0xFF, count: 0x20000 - expected.count))
        }
    }

    @Test("merge refuses what does not go together, says what to do, and leaves no file")
    func mergeRefusals() async throws {
        try await within { folder in
            let one = try folder.write(noise(700, seed: 1), "one.bin")
            let elf = try folder.write(program.bytes, "app.elf")
            let output = folder.path("all.bin")
            #expect(
                try await image("merge", "-o", output, "0", one, "0x200", one)
                    == refused(6, "\(one) goes to one place twice, wholly or in part"))
            #expect(
                try await image("merge", "-o", output, "0xfffff0", one)
                    == refused(6, "\(one) ends at 0x10002ac, but the flash ends at 0x1000000 (16 MB)"))
            let empty = try folder.write(WrittenELF(entry: 0, sections: []).bytes, "empty.o")
            for version in ["1", "2"] {
                #expect(
                    try await image("from-elf", empty, "--version", version)
                        == refused(
                            6, "\(empty): it has no section to load; was it stripped of its section headers?"))
            }
            try FileManager.default.removeItem(atPath: empty)
            for (option, words) in [
                ("--flash-mode", "takes qio, qout, dio or dout"), ("--flash-freq", "takes 20m, 26m, 40m or 80m"),
                ("--flash-size", "takes one of 256KB, 512KB, 1MB, 2MB, 2MB-c1, 4MB, 4MB-c1, 8MB, 16MB"),
            ] {
                let kept = try await image("from-elf", elf, option, "keep")
                #expect(kept.end == "exit code 64")
                #expect(kept.errors.first?.hasSuffix("\(option) \(words)") == true, "\(kept.errors)")
            }
            #expect(
                try await image("merge", "-o", output, "0", elf)
                    == refused(
                        6, "\(elf): it is an ELF file; make what goes into the flash first: iot image from-elf \(elf)"))
            #expect(
                try await image("merge", "-o", output, one)
                    == refused(64, "\(one): say where it goes: ADDR FILE, such as 0x0 \(one)"))
            #expect(
                try await image("merge", "-o", output, "0")
                    == refused(64, "after the address 0 a file is missing"))
            #expect(
                try await image("merge", "-o", output, "--fill-to", "4k", "0x1000", one)
                    == refused(64, "the files end at 0x12bc, beyond --fill-to 0x1000"))
            #expect(try folder.names == ["app.elf", "one.bin"])
            let nowhere = folder.path("no/all.bin")
            #expect(
                try await image("merge", "-o", nowhere, "0", one)
                    == refused(
                        1, "\(nowhere): cannot be written: there is no folder \(folder.path("no")); make it first"))
            let directory = try await image("merge", "-o", folder.url.path, "0", one)
            #expect(directory == refused(1, "\(folder.url.path): cannot be written: it is a folder; name a file"))
            #expect(try folder.names == ["app.elf", "one.bin"])
        }
    }

    @Test("output goes through links and into devices, and of two files none is written where one cannot be")
    func outputs() async throws {
        try await within { folder in
            let elf = try folder.write(program.bytes, "app.elf")
            let target = try folder.write([1], "target")
            let link = folder.path("link")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
            #expect(try await image("from-elf", elf, "--version", "2", "-o", link).end == "exit code 0")
            #expect(try folder.bytes("target").count == 100)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
            #expect(try await image("from-elf", elf, "--version", "2", "-o", "/dev/null").end == "exit code 0")
            let device = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
            #expect(device == .typeCharacterSpecial)
            let taken = folder.path("x-0x10000.bin")
            try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: false)
            #expect(
                try await image("from-elf", elf, "-o", folder.path("x-"))
                    == refused(1, "\(taken): cannot be written: it is a folder; name a file"))
            #expect(try folder.names == ["app.elf", "link", "target", "x-0x10000.bin"])
        }
    }

    @Test("diff names the sectors that differ, and its exit code says whether any does")
    func diff() async throws {
        try await within { folder in
            var data = noise(0x2800, seed: 4)
            let one = try folder.write(data, "one.bin")
            let hex = folder.path("one.hex")
            #expect(
                try await image("merge", "--format", "hex", "-o", hex, "0x10000", one).output
                    == ["\(hex), \(try folder.bytes("one.hex").count) bytes, Intel HEX: 0x10000 to 0x12800"])
            #expect(try await image("diff", one, hex, "--offset", "0x10000") == done("equal: all of 3 sectors"))
            data[0x1003] ^= 1
            data[0x1FFF] ^= 0x80
            let two = try folder.write(data + [1, 2, 3], "two.bin")
            #expect(
                try await image("diff", one, two)
                    == FinishedCommand(
                        end: "exit code 4",
                        output: [
                            "0x001000  2 of 4096 bytes differ, the first at 0x1003",
                            "0x002000  3 of 2051 bytes differ, the first at 0x2800",
                            "2 of 3 sectors differ, in 5 bytes",
                        ], errors: []))
            #expect(
                try await image("diff", one, two, "--offset", "0x800", "--json")
                    == FinishedCommand(
                        end: "exit code 4",
                        output: [
                            #"{"sectors":[{"address":4096,"compared":4096,"different":1,"first":6147},"#
                                + #"{"address":8192,"compared":4096,"different":1,"first":10239},"#
                                + #"{"address":12288,"compared":3,"different":3,"first":12288}],"total":4}"#
                        ], errors: []))
        }
    }

    @Test("sectors that differ one after the other are one line from four on, and the total counts each")
    func foldedDiff() async throws {
        try await within { folder in
            let one = try folder.write([UInt8](repeating: 1, count: 0x9000), "one.bin")
            var data = [UInt8](repeating: 2, count: 0x9000)
            data[0x4000..<0x5000] = [UInt8](repeating: 1, count: 0x1000)[...]
            data[0x8000..<0x9000] = [UInt8](repeating: 1, count: 0x1000)[...]
            let two = try folder.write(data, "two.bin")
            #expect(
                try await image("diff", one, two)
                    == FinishedCommand(
                        end: "exit code 4",
                        output: [
                            "0x000000 to 0x003000, 4 sectors  16384 of 16384 bytes differ, the first at 0x0",
                            "0x005000  4096 of 4096 bytes differ, the first at 0x5000",
                            "0x006000  4096 of 4096 bytes differ, the first at 0x6000",
                            "0x007000  4096 of 4096 bytes differ, the first at 0x7000",
                            "7 of 9 sectors differ, in 28672 bytes",
                        ], errors: []))
        }
    }

    @Test("files that share a sector but no byte are merged, and info tells a file from what it holds")
    func sharedSector() async throws {
        try await within { folder in
            let one = try folder.write(firstImage, "one.bin")
            let hex = folder.path("all.hex")
            let merged = try await image("merge", "--format", "hex", "-o", hex, "0x1000", one, "0x1100", one)
            #expect(merged.end == "exit code 0", "\(merged.errors)")
            let info = try await image("info", hex)
            let size = try folder.bytes("all.hex").count
            #expect(
                Array(info.output.prefix(3)) == [
                    "file      \(hex), \(size) bytes", "holds     320 bytes from 0x1000 on, as an Intel HEX file",
                    "image     version 1, 64 bytes at 0x0",
                ])
        }
    }

    @Test("the help of image lists the exit codes that it has")
    func help() async throws {
        let help = try await image("--help").output.joined(separator: " ").replacing("  ", with: " ")
        #expect(help.contains("4 two files differ"))
        #expect(!help.contains("no port") && !help.contains("130"))
    }

    @Test("what is no image is refused with the reason")
    func noImage() async throws {
        try await within { folder in
            let text = try folder.write(Array("hello".utf8), "text.bin")
            #expect(
                try await image("info", text)
                    == refused(6, "\(text): the first byte is 68, not E9 or EA: this is no ESP8266 firmware image"))
            #expect(
                try await image("info", folder.path("none"))
                    == refused(6, "\(folder.path("none")): there is no such file"))
            let elf = try folder.write(program.bytes, "app.elf")
            #expect(
                try await image("from-elf", text)
                    == refused(6, "\(text): the file does not begin as an ELF file does"))
            #expect(
                try await image("from-elf", elf, "--version", "arduino", "--eboot", elf)
                    == refused(
                        6, "\(elf): the ELF file has no section .irom0.text at 0x40201010: it is no Arduino build"))
        }
    }
}
