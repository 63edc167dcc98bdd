import TestSupport
import Testing

@testable import ESPLoader

@Suite struct ELF32SymbolsTests {
    private func half(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)] }
    private func word(_ value: Int) -> [UInt8] { half(value & 0xFFFF) + half(value >> 16) }

    /// A file with a section that is run (1), symbols (2) and their names (3).
    private func file(_ symbols: [(name: Int, address: Int, size: Int, type: UInt8, section: Int)]) -> [UInt8] {
        let names = Array("\0main\0loop\0".utf8) + Array(repeating: UInt8(ascii: "x"), count: 400) + [0]
        let table = symbols.flatMap { symbol -> [UInt8] in
            word(symbol.name) + word(symbol.address) + word(symbol.size) + [symbol.type, 0] + half(symbol.section)
        }
        let headers: [[Int]] = [
            Array(repeating: 0, count: 10),
            [0, 1, 6, 0x4010_0000, 52, 0, 0, 0, 4, 0],
            [0, 2, 0, 0, 52, table.count, 3, 0, 4, 16],
            [0, 3, 0, 0, 52 + table.count, names.count, 0, 0, 1, 0],
        ]
        let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + Array(repeating: 0, count: 9)
        let header =
            magic + half(2) + half(94) + word(1) + word(0x4010_0000) + word(0)
            + word(52 + table.count + names.count) + word(0) + half(52) + half(0) + half(0) + half(40) + half(4)
            + half(3)
        return header + table + names + headers.joined().flatMap(word)
    }

    @Test("functions, labels of code and objects are found; files, sections, foreign and nameless ones are left out")
    func symbols() throws {
        let elf = try ELF32(
            file([
                (1, 0x4010_0000, 12, 0x12, 1), (6, 0x4010_0004, 0, 0, 1), (6, 0x3FFE_8000, 4, 1, 3), (1, 0, 0, 4, 1),
                (1, 0, 0, 2, 0), (0, 0, 0, 2, 1), (99_999, 0, 0, 2, 1), (1, 0, 0, 2, 0xFFF1), (11, 1, 2, 2, 1),
            ]))
        #expect(
            Array(elf.symbols) == [
                ELF32.Symbol(name: "main", address: 0x4010_0000, size: 12, isCode: true),
                ELF32.Symbol(name: "loop", address: 0x4010_0004, size: 0, isCode: true),
                ELF32.Symbol(name: "loop", address: 0x3FFE_8000, size: 4, isCode: false),
                ELF32.Symbol(name: String(repeating: "x", count: 255), address: 1, size: 2, isCode: true),
            ])
    }

    @Test("a broken file has symbols or is refused", arguments: 0..<10 as Range<UInt64>)
    func hostile(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let valid = file([(1, 0x4010_0000, 12, 2, 1), (6, 0x4010_0004, 0, 0, 1)])
        for _ in 0..<500 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Not within the long name.
                let place =
                    Bool.random(using: &random)
                    ? Int.random(in: 0..<95, using: &random) : bytes.count - 1 - Int.random(in: 0..<160, using: &random)
                bytes[place] = .random(in: 0...255, using: &random)
            }
            guard let elf = try? ELF32(bytes) else { continue }
            #expect(elf.symbols.allSatisfy { !$0.name.isEmpty && $0.name.utf8.count <= 3 * 255 })
        }
    }
}
