import ESPLoader
import Foundation
import TestSupport
import Testing

/// A program in C, built for the chip by the tests with Debian's compiler, without any library.
struct Firmware {
    /// What every program can use: the ROM's routines at their addresses, and registers.
    private static let prelude = """
        typedef unsigned int u32;
        typedef unsigned char u8;
        #define REG(address) (*(volatile u32 *)(address))
        void ets_printf(const char *, ...);
        void uart_div_modify(int, u32);
        int uart_rx_one_char(char *);
        int uart_tx_one_char(char);
        void Cache_Read_Enable(int, int, int);
        void ets_delay_us(u32);
        void ets_isr_attach(int, void (*)(void *), void *);
        void ets_isr_unmask(u32);
        void *_xtos_set_exception_handler(int, void *);
        u32 rtc_get_reset_reason(void);
        void software_reset(void);
        void rom_missing(void);
        asm(".global rom_missing\\n"
            "ets_printf = 0x400024cc\\n uart_div_modify = 0x400039d8\\n uart_rx_one_char = 0x40003b8c\\n"
            "uart_tx_one_char = 0x40003b30\\n Cache_Read_Enable = 0x40004678\\n ets_delay_us = 0x40002ecc\\n"
            "ets_isr_attach = 0x40000f88\\n ets_isr_unmask = 0x40000fa8\\n"
            "_xtos_set_exception_handler = 0x40000454\\n rtc_get_reset_reason = 0x400025e0\\n"
            "software_reset = 0x4000264c\\n .global __udivsi3\\n __udivsi3 = 0x4000e21c\\n rom_missing = 0x40000e24\\n");

        """

    private static let layout = """
        ENTRY(start)
        MEMORY {
          iram : ORIGIN = 0x40100000, LENGTH = 0x8000
          dram : ORIGIN = 0x3FFE8000, LENGTH = 0x10000
        }
        SECTIONS {
          .text : { *(.literal .literal.* .text .text.*) } > iram
          .data : { *(.rodata .rodata.* .data .data.* .bss .bss.* COMMON) } > dram
        }
        """

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Compiles `source`, whose `start` the ROM calls.
    ///
    /// - Returns: The ELF file in `directory`.
    static func build(_ source: String, in directory: URL) async throws -> URL {
        let (code, layout) = (directory.appending(path: "program.c"), directory.appending(path: "layout.ld"))
        let elf = directory.appending(path: "program.elf")
        try Data((prelude + source).utf8).write(to: code)
        try Data(self.layout.utf8).write(to: layout)
        return try await onThread {
            let compiler = Process()
            compiler.executableURL = URL(filePath: "/usr/bin/env")
            compiler.arguments = [
                "xtensa-lx106-elf-gcc", "-g", "-Os", "-ffreestanding", "-nostdlib", "-mlongcalls",
                "-mtext-section-literals", "-T", layout.path, code.path, "-o", elf.path,
            ]
            let errors = Pipe()
            compiler.standardError = errors
            try compiler.run()
            let text = errors.fileHandleForReading.readDataToEndOfFile()
            compiler.waitUntilExit()
            guard compiler.terminationStatus == 0 else {
                throw Failed(description: String(decoding: text, as: UTF8.self))
            }
            return elf
        }
    }

    /// The image for the flash's beginning, as `iot image from-elf` makes it.
    static func image(_ source: String, in directory: URL) async throws -> [UInt8] {
        let elf = try await build(source, in: directory)
        let output = directory.appending(path: "image").path
        let made = try await FinishedCommand.run(["image", "from-elf", elf.path, "--version", "1", "-o", output])
        guard made.end == "exit code 0" else { throw Failed(description: made.errors.joined(separator: "\n")) }
        return Array(try Data(contentsOf: URL(filePath: output + "0x00000.bin")))
    }

    /// Puts an image at the beginning of the flash of a ``RunningBoard`` that is started in `directory`.
    static func put(_ image: [UInt8], in directory: URL) throws {
        let rest = Data(repeating: 0xFF, count: 4 << 20)
        try (Data(image) + rest.dropFirst(image.count)).write(to: directory.appending(path: "flash.bin"))
    }

    /// The symbols of the program that was built in `directory`, as `nm` prints them.
    static func symbols(in directory: URL) async throws -> URL {
        let file = directory.appending(path: "symbols")
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        return try await onThread {
            let tool = Process()
            tool.executableURL = URL(filePath: "/usr/bin/env")
            tool.arguments = ["xtensa-lx106-elf-nm", directory.appending(path: "program.elf").path]
            tool.standardOutput = output
            try tool.run()
            tool.waitUntilExit()
            guard tool.terminationStatus == 0 else { throw Failed(description: "nm has failed") }
            return file
        }
    }
}
