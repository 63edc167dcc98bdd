import ESPLoader
import TestSupport
import Testing

@testable import VirtualBoard

/// Whatever is in the flash runs, or stops with a word; it never takes the board down.
@Suite(.timeLimit(.minutes(5)))
struct RandomFirmwareTests {
    private static let code: UInt32 = 0x4010_0000
    private static let data: UInt32 = 0x3FFE_8000

    /// callx0 a0
    private static let call: [UInt8] = [0xC0, 0, 0]

    private func run(_ segments: [ImageSegment], entry: UInt32, ticks: Int = 12) {
        let header = ImageHeader(entry: entry)
        let image = FirmwareImage(header: header, segments: segments).encoded
        for timing in ChipTiming.allCases {
            var board = SimulatedBoard(image, timing: timing)
            board.receive(Array("what a host says".utf8), baud: 74_880)
            board.run(ticks: ticks)
            for halt in board.halts { #expect(!"\(halt)".isEmpty) }
            // It is still there, and its loader can be reached.
            board.reset(gpio0: false)
            #expect(board.chip.mode == .romLoader)
        }
    }

    @Test("random bytes run, or stop with a word", arguments: 0..<100 as Range<UInt64>)
    func noiseAsCode(seed: UInt64) {
        let bytes = noise(0x2000, seed: seed)
        run(
            [
                ImageSegment(address: Self.code, data: Array(bytes[..<0x1000])),
                ImageSegment(address: Self.data, data: Array(bytes[0x1000...])),
            ],
            entry: Self.code + UInt32(seed % 64))
    }

    @Test("the ROM's routines get random arguments, one after the other", arguments: 0..<100 as Range<UInt64>)
    func calls(seed: UInt64) {
        var random = TestSupport.SeededRandom(seed: seed)
        let routines = ROM.routines.keys.sorted()
        let edges: [UInt32] = [
            0, 1, 2, 3, 4, 16, 0x7F, 0xFF, 0x100, 0x1000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
            0xFFFF_FFFC, Self.data, Self.data + 1, 0x3FFF_FF00, 0x3FFF_FFFF, 0x4000_0000, 0x4000_DF48, Self.code,
            0x4010_FFFC, 0x4020_0000, 0x402F_FFFF, 0x5000_0000, 0x6000_0000, 0x6000_0700, 0x6000_0900, 0x3FF0_0014,
        ]
        var literals: [UInt32] = []
        // A handler of exceptions, which goes on behind the call: l32i.n a3, a2, 16; s32i.n a3, a2, 0; ret.n
        var code: [UInt8] = [0x38, 0x42, 0x39, 0x02, 0x0D, 0xF0, 0, 0]
        // The literals stand in front of the code, 0x1000 before its end at most.
        let room = 0x1000
        func load(_ register: UInt8, _ value: UInt32) {
            let place = room + code.count
            let words = (4 * literals.count - ((place + 3) & ~3)) / 4
            literals.append(value)
            let offset = UInt16(bitPattern: Int16(words))
            code += [register << 4 | 1, UInt8(offset & 0xFF), UInt8(offset >> 8)]
        }
        for cause in [0, 2, 3, 9, 20, 28, 29] as [UInt32] {
            load(2, cause)
            load(3, Self.code + UInt32(room))
            load(0, 0x4000_0454)
            code += Self.call
        }
        for _ in 0..<40 {
            for register in 2...7 as ClosedRange<UInt8> {
                let value = random.next()
                load(
                    register,
                    value & 3 == 0 ? UInt32(truncatingIfNeeded: value >> 32) : edges[Int(value >> 8) % edges.count])
            }
            load(0, routines[Int(random.next() >> 8) % routines.count])
            code += Self.call
        }
        // j to itself
        code += [0x06, 0xFF, 0xFF]
        let words = literals.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        let bytes = words + [UInt8](repeating: 0, count: room - words.count) + code
        run(
            [
                ImageSegment(address: Self.code, data: bytes + [UInt8](repeating: 0, count: -bytes.count & 3)),
                ImageSegment(address: Self.data, data: noise(0x1000, seed: seed)),
            ],
            entry: Self.code + UInt32(room) + 8, ticks: 60)
    }
}

/// A program that touches each register of the chip.
@Suite(.timeLimit(.minutes(5)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct EveryRegisterTests {
    @Test(
        "each word of every block can be read and written with anything",
        arguments: [
            "0", "0xffffffff", "0x7fffffff", "0x80000000", "place", "place * 2654435761u", "0x73", "0x55555555",
        ])
    func stores(value: String) async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static u32 done;
                static void block(u32 first, u32 end) {
                    for (u32 place = first; place < end; place += 4) {
                        // Resets, and what makes the CPU stop with an NMI that nothing quiets.
                        if (place == 0x60000700) continue;
                        done ^= REG(place);
                        REG(place) = \(value);
                        done += REG(place);
                    }
                }
                void start(void) {
                    block(0x3ff00000, 0x3ff00100);
                    block(0x3ff20000, 0x3ff21000);
                    block(0x60000000, 0x60002000);
                    REG(0x60000900) = 0;
                    /* With the slowest clock that there is one command of the flash takes seconds. */
                    REG(0x60000218) = 0x1001;
                    block(0x60000000, 0x60000900);
                    REG(0x60000014) = 694;
                    REG(0x60000020) = 0x1c;
                    ets_printf("ALL %d\\n", done == 0);
                    for (;;) {}
                }
                """, in: directory)
            for timing in ChipTiming.allCases {
                var board = SimulatedBoard(image, timing: timing)
                board.run(ticks: 400)
                #expect(board.halts == [])
                #expect(board.text.contains("ALL 0"), "\(board.text.suffix(200))")
            }
        }
    }
}
