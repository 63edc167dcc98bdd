import TestSupport
import Testing

@testable import VirtualBoard

/// The flash through the cache's window.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct FlashWindowTests {
    @Test(
        "the window shows the mebibyte that the arguments name, changes after it is closed and opened, and can be closed"
    )
    func mebibytes() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static void skip(struct frame *frame, int cause) {
                    u32 address;
                    asm volatile("rsr.excvaddr %0" : "=r"(address));
                    ets_printf("cause %d at %08x\\n", cause, address);
                    frame->epc += 3;
                }
                static void look(void) {
                    u32 place = 0x402f0000;
                    asm volatile("_l32i %0, %0, 0" : "+r"(place));
                    ets_printf("%08x\\n", place);
                }
                void start(void) {
                    _xtos_set_exception_handler(3, skip);
                    look();
                    for (int size = 0; size < 2; size++)
                        for (int pair = 0; pair < 2; pair++)
                            for (int odd = 0; odd < 2; odd++) {
                                Cache_Read_Enable(odd, pair, size);
                                look();
                            }
                    Cache_Read_Disable();
                    look();
                    u32 word = 0x12345678;
                    SPIWrite(0xf0000, &word, 4);
                    Cache_Read_Enable(0, 0, 1);
                    look();
                    for (;;) {}
                }
                """, in: directory)
            let marks = Dictionary(
                uniqueKeysWithValues: (0..<4).map { ($0 << 20 | 0xF_0000, [UInt8($0), 0xFF, 0xFF, 0xFF] as [UInt8]) })
            var board = SimulatedBoard(image, more: marks.filter { $0.key > 0xF_0000 })
            board.run(for: .milliseconds(200))
            let shown = ["ffffffff", "ffffff01", "ffffff02", "ffffff03"]
            let closed = ["cause 3 at 402f0000", "402f0000"]
            #expect(
                board.program.split(separator: "\r\n").map(String.init) == closed + shown + shown + closed + [
                    "12345678"
                ])
        }
    }

    @Test("nothing but whole words at multiples of four can be read from it, and nothing written")
    func narrow() async throws {
        try await withTemporaryDirectory { directory in
            let image = try await Firmware.image(
                """
                static void skip(struct frame *frame, int cause) {
                    u32 address;
                    asm volatile("rsr.excvaddr %0" : "=r"(address));
                    ets_printf("%d at %08x\\n", cause, address);
                    frame->epc += 3;
                }
                #define TRY(instruction, place) { u32 at = place; asm volatile(instruction " %0, %0, 0" : "+r"(at) : : "memory"); }
                static void all(u32 base) {
                    TRY("l8ui", base) TRY("l8ui", base + 3) TRY("l16ui", base) TRY("l16si", base + 2) TRY("l16ui", base + 1)
                    TRY("_l32i", base + 2) TRY("_l32i", base + 1)
                }
                static void stores(u32 base) { TRY("s8i", base) TRY("s16i", base + 2) TRY("_s32i", base + 3) }
                void start(void) {
                    _xtos_set_exception_handler(3, skip);
                    _xtos_set_exception_handler(9, skip);
                    Cache_Read_Enable(0, 0, 0);
                    all(0x40200010);
                    ets_printf("stores\\n");
                    stores(0x40200010);
                    TRY("_s32i", 0x40200010)
                    ets_printf("IRAM\\n");
                    all(0x40107000);
                    stores(0x40107000);
                    TRY("_s32i", 0x40107000)
                    ets_printf("%08x\\n", REG(0x40107000));
                    for (;;) {}
                }
                """, in: directory)
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(250))
            func loads(_ base: String) -> [String] {
                [
                    "3 at \(base)0", "3 at \(base)3", "3 at \(base)0", "3 at \(base)2", "9 at \(base)1",
                    "9 at \(base)2",
                    "9 at \(base)1",
                ]
            }
            func stores(_ base: String) -> [String] { ["3 at \(base)0", "3 at \(base)2", "9 at \(base)3"] }
            let lines =
                loads("4020001") + ["stores"] + stores("4020001") + ["3 at 40200010", "IRAM"]
                + loads("4010700") + stores("4010700") + ["40107000"]
            #expect(board.program.split(separator: "\r\n").map(String.init) == lines, "\(board.text) \(board.halts)")
        }
    }
}
