import ESPLoader
import Foundation
import TestSupport
import Testing

@testable import VirtualBoard

/// The way of an Arduino build into memory: the ROM loads a boot loader from 0, and that one the application from 0x1000.
///
/// The boot loader is one of the tests' own with what is known of eboot: where it runs, its commands in the RTC's memory, what
/// it prints, which segments it loads, and with which stack it jumps.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct ArduinoBootTests {
    private static let bootLoader = """
        struct command { u32 magic, action, arguments[29], crc; };
        static u32 crc(const u8 *bytes, u32 count) {
            u32 crc = 0xffffffff;
            for (u32 i = 0; i < count; i++) {
                crc ^= (u32)bytes[i] << 24;
                for (int bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? crc << 1 ^ 0x04c11db7 : crc << 1;
            }
            return crc;
        }
        static u32 sector[1024];
        static int copy(u32 from, u32 to, u32 count) {
            if (from & 0xfff || to & 0xfff) return 1;
            for (u32 done = 0; done < count; done += sizeof sector) {
                if (SPIEraseSector((to + done) / sizeof sector)) return 2;
                if (SPIRead(from + done, sector, sizeof sector)) return 3;
                if (SPIWrite(to + done, sector, sizeof sector)) return 4;
            }
            return 0;
        }
        static int load(u32 image) {
            u32 header[2], part[2];
            u32 place = image + 0x1000;
            if (SPIRead(place, header, 8)) return 1;
            place += 8;
            for (int left = header[0] >> 8 & 0xff; left > 0; left--) {
                if (SPIRead(place, part, 8)) return 2;
                place += 8;
                if (part[0] < 0x40000000 || (part[0] >= 0x40100000 && part[0] < 0x40108000))
                    if (SPIRead(place, (void *)part[0], part[1])) return 3;
                place += part[1];
            }
            asm volatile("mov a1, %0\\n jx %1" : : "r"(0x3ffffff0), "r"(header[1]));
            return 0;
        }
        void start(void) {
            struct command command;
            u32 version;
            SPIRead(0x1010, &version, 4);
            static char format[] = "v%08x\\n";
            ets_printf(format, version);
            for (u32 i = 0; i < sizeof command / 4; i++) ((u32 *)&command)[i] = REG(0x60001200 + 4 * i);
            u32 image = 0;
            int isCommand = (command.magic & 0xfffff000) == 0xeb001000 && command.crc == crc((u8 *)&command, 124);
            ets_putc(isCommand ? '@' : '~');
            if (isCommand) {
                REG(0x60001200) = 0;
                REG(0x6000127c) = 0;
                if (command.action == 1) {
                    ets_putc('c'), ets_putc('p'), ets_putc(':');
                    ets_wdt_disable();
                    int end = copy(command.arguments[0], command.arguments[1], command.arguments[2]);
                    ets_wdt_enable();
                    ets_putc('0' + end), ets_putc('\\n');
                    image = command.arguments[1];
                    while (end && REG(0x6000001c) >> 16 & 0xff) {}
                    if (end) REG(0x60000700) |= 0x80000000;
                }
            }
            ets_putc('l'), ets_putc('d'), ets_putc('\\n');
            ets_putc('0' + load(image));
            REG(0x60000700) |= 0x80000000;
            for (;;) {}
        }
        """

    private static let bootLayout = """
        ENTRY(start)
        MEMORY {
          boot : ORIGIN = 0x4010F000, LENGTH = 0x1000
          dram : ORIGIN = 0x3FFE8000, LENGTH = 0x10000
        }
        SECTIONS {
          .text : ALIGN(4) { *(.literal .literal.* .text .text.*) *(.data .data.*) } > boot
          .rodata : { *(.rodata .rodata.*) } > dram
          .bss (NOLOAD) : { *(.bss .bss.* COMMON) } > dram
        }
        """

    /// A program that runs from the flash, but for what opens the window onto it.
    private static func application(_ version: Int) -> String {
        """
        #define IN_FLASH __attribute__((section(".irom0.text"), noinline))
        __attribute__((section(".irom0.first"))) u32 first[2] = {0, 0};
        static const char words[] __attribute__((aligned(4))) = "application \(version) runs";
        static u32 value = \(version)00;
        static u32 crc(const u8 *bytes, u32 count) {
            u32 crc = 0xffffffff;
            for (; count--; bytes++)
                for (u32 mask = 0x80; mask; mask >>= 1) {
                    u32 top = crc >> 31 ^ ((*bytes & mask) != 0);
                    crc = crc << 1 ^ (top ? 0x04c11db7 : 0);
                }
            return crc;
        }
        IN_FLASH void update(u32 from, u32 to, u32 count) {
            static u32 command[32];
            command[0] = 0xeb001000;
            command[1] = 1;
            command[2] = from, command[3] = to, command[4] = count;
            command[31] = crc((u8 *)command, 124);
            for (int i = 0; i < 32; i++) REG(0x60001200 + 4 * i) = command[i];
            while (REG(0x6000001c) >> 16 & 0xff) {}
            software_reset();
        }
        IN_FLASH void run(void) {
            ets_printf("%s, value %d\\n", words, ++value);
            char what;
            while (uart_rx_one_char(&what)) {}
            if (what == 'u') update(0x200000, 0, 0x3000);
            if (what == 'x') update(0x200001, 0, 0x3000);
            if (what == 'p') REG(0x60000700) = 0x80000000;
            for (;;) {}
        }
        void start(void) {
            Cache_Read_Enable(0, 0, 1);
            run();
        }
        """
    }

    private static let applicationLayout = """
        ENTRY(start)
        MEMORY {
          iram : ORIGIN = 0x40100000, LENGTH = 0x8000
          dram : ORIGIN = 0x3FFE8000, LENGTH = 0x10000
          flash : ORIGIN = 0x40201010, LENGTH = 0xfeff0
        }
        SECTIONS {
          .irom0.text : ALIGN(4) { *(.irom0.first) *(.irom0.literal .irom0.text .irom0.text.*) } > flash
          .text : ALIGN(4) { *(.literal .literal.* .text .text.*) } > iram
          .data : ALIGN(4) { *(.data .data.*) *(.bss .bss.* COMMON) } > dram
          .rodata : ALIGN(4) { *(.rodata .rodata.*) } > dram
        }
        """

    /// The file that `iot image` makes of both, as the core's build does.
    private func image(version: Int, in directory: URL) async throws -> [UInt8] {
        let boot = try await Firmware.build(
            Self.bootLoader, named: "boot", layout: Self.bootLayout, in: directory)
        let application = try await Firmware.build(
            Self.application(version), named: "application\(version)", layout: Self.applicationLayout, in: directory)
        let output = directory.appending(path: "image\(version).bin").path
        try await Firmware.make([
            "from-elf", application.path, "--version", "arduino", "--eboot", boot.path, "-o", output,
        ])
        return Array(try Data(contentsOf: URL(filePath: output)))
    }

    private func lines(_ board: SimulatedBoard) -> [String] {
        board.text.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            !["load ", "tail ", "chksum ", "csum ", "ho "].contains { line.hasPrefix($0) }
        }
    }

    private func start(_ cause: Int) -> String { " ets Jan  8 2013,rst cause:\(cause), boot mode:(3,6)" }

    @Test(
        "an Arduino image starts through its boot loader, copies what it was told to, once, and refuses what it cannot copy"
    )
    func boots() async throws {
        try await withTemporaryDirectory { directory in
            let (old, new) = (
                try await image(version: 1, in: directory), try await image(version: 2, in: directory)
            )
            let layout = try #require(ArduinoLayout(old))
            #expect(layout.isChecksumRight && layout.isCRCRight)
            #expect(layout.application.image.segments.first?.address == 0x4020_1010)
            for timing in ChipTiming.allCases {
                var board = SimulatedBoard(old, more: [0x20_0000: new], timing: timing)
                board.run(for: .milliseconds(150))
                // A copy from the midst of a sector is refused, and the command stands no more after the reset.
                for command in ["x", "p", "u"] {
                    board.receive(Array(command.utf8), baud: 74_880)
                    board.run(for: .milliseconds(700))
                }
                board.reset()
                board.run(for: .milliseconds(150))
                func version(_ image: [UInt8]) -> String {
                    let text = String(UInt32(image.count), radix: 16)
                    return "v" + String(repeating: "0", count: 8 - text.count) + text
                }
                let (first, second) = ("application 1 runs, value 101", "application 2 runs, value 201")
                #expect(
                    lines(board) == [
                        start(1), version(old), "~ld", first, start(3), version(old), "@cp:1", start(3), version(old),
                        "~ld", first, start(3), version(old), "~ld", first, start(3), version(old), "@cp:0", "ld",
                        second, start(2), version(new), "~ld", second,
                    ])
                #expect(board.halts == [])
                #expect(Array(board.chip.flash.read(0, new.count)) == new)
            }
        }
    }
}
