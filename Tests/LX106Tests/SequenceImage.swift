import Foundation
import LX106
import TestSupport

/// Many sequences and the driver that runs them, for QEMU and for ours.
struct SequenceImage {
    /// So many fit into QEMU's memory there.
    static let most = 1000

    private static let records: UInt32 = 0x4001_0000
    private static let slots: UInt32 = 0x4010_0000
    private static let results: UInt32 = 0x3FF8_0000
    private static let recordBytes = 0x100

    let sequences: [Sequence]
    private let driver: [UInt8]

    /// - Parameter folder: Where the driver is built.
    init(seeds: Range<UInt64>, in folder: URL) async throws {
        precondition(seeds.count <= Self.most)
        let count = seeds.count
        sequences = seeds.enumerated().map { index, seed in
            Sequence(
                seed: seed, slot: Self.slots + UInt32(index * Sequence.slotBytes),
                scratch: Self.results + UInt32((count + index) * Self.recordBytes))
        }
        let (object, linked) = (folder.appending(path: "driver.o"), folder.appending(path: "driver"))
        let binary = folder.appending(path: "driver.bin")
        let source = repositoryRoot.appending(path: "Tests/Peers/lx106_driver.S")
        let symbols = [
            "RECORDS": Int(Self.records), "COUNT": count, "RESULTS": Int(Self.results), "OUTPUT": Int(Self.results),
            "BYTES": 2 * count * Self.recordBytes,
        ]
        for command in [
            ["xtensa-lx106-elf-gcc", "-c", "-Wa,--no-transform"] + symbols.map { "-D\($0)=\($1)" }
                + [source.path, "-o", object.path],
            ["xtensa-lx106-elf-ld", "-Ttext", "0x40000000", "-e", "start", object.path, "-o", linked.path],
            ["xtensa-lx106-elf-objcopy", "-O", "binary", "-j", ".text", linked.path, binary.path],
        ] {
            try await CrossTools.run(command, output: folder.appending(path: "stdout"))
        }
        driver = try Array(Data(contentsOf: binary))
    }

    /// What a sequence has left: its registers, and its scratch memory.
    struct Outcome: Equatable {
        var registers: [UInt32]
        var scratch: [UInt8]
    }

    private var recordImage: [UInt8] {
        sequences.flatMap { sequence in
            let bytes = sequence.record.flatMap(\.littleEndianBytes)
            return bytes + Array(repeating: 0, count: Self.recordBytes - bytes.count)
        }
    }

    private var slotImage: [UInt8] {
        sequences.flatMap { $0.bytes + Array(repeating: 0, count: Sequence.slotBytes - $0.bytes.count) }
    }

    /// The scratch memory as it begins, after the place of the results.
    private var dataImage: [UInt8] {
        let bytes = sequences.count * Self.recordBytes
        return Array(repeating: 0, count: bytes) + noise(bytes, seed: sequences[0].seed)
    }

    private func outcomes(_ bytes: [UInt8]) -> [Outcome] {
        sequences.indices.map { index in
            let result = bytes[index * Self.recordBytes..<(index + 1) * Self.recordBytes]
            let scratch = bytes[
                (sequences.count + index) * Self.recordBytes..<(sequences.count + index + 1) * Self.recordBytes]
            let words = stride(from: result.startIndex, to: result.startIndex + 32 * 4, by: 4).map { place in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(result[place + $1]) << (8 * UInt32($1)) }
            }
            return Outcome(registers: words, scratch: Array(scratch))
        }
    }

    /// What QEMU makes of it.
    func runInQEMU(_ folder: URL) async throws -> [Outcome] {
        // QEMU begins at 0x50000000: j over a literal, l32r a0, jx a0.
        let begin: [UInt8] = [
            0x06, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x01, 0xFF, 0xFF, 0xA0, 0x00, 0x00,
        ]
        var command = [
            "qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-m", "64", "-semihosting", "-display", "none",
            "-serial", "none", "-monitor", "none",
        ]
        for (name, address, bytes) in [
            ("begin", 0x5000_0000, begin), ("driver", 0x4000_0000, driver), ("records", Self.records, recordImage),
            ("slots", Self.slots, slotImage), ("data", Self.results, dataImage),
        ] {
            let file = folder.appending(path: "image.\(name)")
            try Data(bytes).write(to: file)
            command += ["-device", "loader,file=\(file.path),addr=\(address),force-raw=on"]
        }
        let output = folder.appending(path: "results")
        try await CrossTools.run(command, output: output, within: .seconds(120))
        let bytes = try Array(Data(contentsOf: output))
        let expected = 2 * sequences.count * Self.recordBytes
        guard bytes.count == expected else {
            throw CrossTools.Failed(description: "QEMU wrote \(bytes.count) bytes of \(expected)")
        }
        return outcomes(bytes)
    }

    /// What ours makes of it.
    func runInProcessor() throws -> [Outcome] {
        let machine = Machine()
        defer { machine.free() }
        machine.map(0x3FF8_0000, count: 0x8_0000, [.write, .narrow, .execute], dataImage)
        machine.map(0x4000_0000, count: 0x30_0000, [.write, .narrow, .execute], driver)
        machine.write(recordImage, at: Self.records)
        machine.write(slotImage, at: Self.slots)
        machine.memory.trap(0x4000_1000, count: 0x1000)
        let processor = Processor(memory: machine.memory, pc: 0x4000_0000)
        let stop = processor.run(for: 10_000 * sequences.count)
        guard case .trap = stop else {
            throw CrossTools.Failed(description: "ours ended with \(stop) at \(String(processor.pc, radix: 16))")
        }
        return outcomes(machine.read(2 * sequences.count * Self.recordBytes, at: Self.results))
    }
}
