import ESPLoader
import Foundation
import TestSupport
import Testing

/// A program in C, built for the chip by the tests with Debian's compiler, without any library.
struct Firmware {
    /// What every program can use: the ROM's routines at their addresses, and registers.
    private static let prelude = """
        #ifdef __cplusplus
        extern "C" {
        #endif
        typedef unsigned int u32;
        typedef unsigned char u8;
        #define REG(address) (*(volatile u32 *)(address))
        void ets_printf(const char *, ...);
        void ets_putc(char);
        void uart_div_modify(int, u32);
        int uart_rx_one_char(char *);
        int uart_tx_one_char(char);
        void Cache_Read_Enable(int, int, int);
        void Cache_Read_Disable(void);
        int SPIRead(u32, void *, u32);
        int SPIWrite(u32, const void *, u32);
        int SPIEraseSector(u32);
        u8 rom_i2c_readReg(u8, u8, u8);
        u8 rom_i2c_readReg_Mask(u8, u8, u8, u8, u8);
        struct event { u32 signal, parameter; };
        int ets_task(void (*)(struct event *), int, struct event *, int);
        int ets_post(int, u32, u32);
        void ets_set_idle_cb(void (*)(void *), void *);
        void ets_run(void);
        void ets_isr_mask(u32);
        u32 _xtos_set_intlevel(u32);
        u32 _xtos_set_min_intlevel(u32);
        void _xtos_restore_intlevel(u32);
        u32 xthal_get_interrupt(void);
        void xthal_set_intclear(u32);
        void xthal_bcopy(const void *, void *, u32);
        int SPI_read_data(const void *, u32, void *, u32);
        int SPI_page_program(const void *, u32, const void *, u32);
        int SPI_read_status(const void *, u32 *);
        int SPI_write_enable(const void *);
        void rom_i2c_writeReg(u8, u8, u8, u8);
        void rom_i2c_writeReg_Mask(u8, u8, u8, u8, u8, u8);
        void ets_delay_us(u32);
        void ets_update_cpu_frequency(u32);
        u32 ets_get_cpu_frequency(void);
        void ets_isr_attach(int, void (*)(void *), void *);
        void ets_isr_unmask(u32);
        void ets_wdt_enable(void);
        void ets_wdt_disable(void);
        void *_xtos_set_exception_handler(int, void *);
        u32 rtc_get_reset_reason(void);
        void software_reset(void);
        void *memcpy(void *, const void *, u32);
        void *memset(void *, int, u32);
        int memcmp(const void *, const void *, u32);
        u32 strlen(const char *);
        char *strcpy(char *, const char *);
        void rom_missing(void);
        static inline __attribute__((unused)) u32 count(void) { u32 c; asm volatile("rsr.ccount %0" : "=r"(c)); return c; }
        /* What the ROM gives to a handler of exceptions. */
        struct frame { u32 epc, ps, sar, unused, registers[15], cause; };
        #ifdef __cplusplus
        }
        #endif

        """

    /// Where the ROM's routines are.
    private static let routines = """
        ets_printf = 0x400024cc; ets_putc = 0x40002be8; uart_div_modify = 0x400039d8; uart_rx_one_char = 0x40003b8c;
        uart_tx_one_char = 0x40003b30; Cache_Read_Enable = 0x40004678; Cache_Read_Disable = 0x400047f0;
        SPIRead = 0x40004b1c; SPIWrite = 0x40004a4c; SPIEraseSector = 0x40004a00; ets_delay_us = 0x40002ecc;
        ets_update_cpu_frequency = 0x40002f04; ets_get_cpu_frequency = 0x40002f0c; ets_isr_attach = 0x40000f88;
        ets_isr_unmask = 0x40000fa8; ets_wdt_enable = 0x40002fa0; ets_wdt_disable = 0x400030f0;
        _xtos_set_exception_handler = 0x40000454; rtc_get_reset_reason = 0x400025e0; software_reset = 0x4000264c;
        memcpy = 0x4000df48; memset = 0x4000e190; memcmp = 0x4000dea8; strlen = 0x4000bf4c; strcpy = 0x4000bec8;
        rom_i2c_readReg = 0x40007268; rom_i2c_readReg_Mask = 0x4000729c; rom_i2c_writeReg = 0x400072d8;
        rom_i2c_writeReg_Mask = 0x4000730c; ets_task = 0x40000dd0; ets_post = 0x40000e24; ets_set_idle_cb = 0x40000dc0;
        ets_run = 0x40000e04; _xtos_set_intlevel = 0x4000dbfc; _xtos_set_min_intlevel = 0x4000dc18;
        _xtos_restore_intlevel = 0x4000056c; xthal_get_interrupt = 0x4000dd58; xthal_set_intclear = 0x4000dd60;
        xthal_bcopy = 0x40000688; SPI_read_data = 0x400042ac; SPI_page_program = 0x40004174;
        SPI_read_status = 0x400043c8; SPI_write_enable = 0x4000443c; ets_isr_mask = 0x40000f98;
        __udivsi3 = 0x4000e21c; __umodsi3 = 0x4000e268; rom_missing = 0x40000814;

        """

    /// A program of its own, in RAM.
    private static let layout = """
        ENTRY(start)
        MEMORY {
          iram : ORIGIN = 0x40100000, LENGTH = 0x8000
          dram : ORIGIN = 0x3FFE8000, LENGTH = 0x10000
        }
        SECTIONS {
          .text : { *(.vectors) *(.literal .literal.* .text .text.*) } > iram
          .data : {
            *(.rodata .rodata.* .data .data.*)
            . = ALIGN(4); constructors = .; KEEP(*(.init_array .init_array.* .ctors .ctors.*)) constructors_end = .;
            *(.bss .bss.* COMMON)
          } > dram
        }
        """

    enum Language: String {
        case c
        case cpp
    }

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Compiles `source`, whose `start` the ROM calls.
    ///
    /// - Parameter layout: Another linker script, for a program in another place.
    /// - Returns: The ELF file in `directory`.
    static func build(
        _ source: String, named name: String = "program", _ language: Language = .c, layout: String? = nil,
        in directory: URL
    ) async throws -> URL {
        let code = directory.appending(path: "\(name).\(language.rawValue)")
        let script = directory.appending(path: "\(name).ld")
        let elf = directory.appending(path: "\(name).elf")
        try Data((prelude + source).utf8).write(to: code)
        try Data((routines + (layout ?? self.layout)).utf8).write(to: script)
        return try await onThread {
            let compiler = Process()
            compiler.executableURL = URL(filePath: "/usr/bin/env")
            compiler.arguments = [
                language == .c ? "xtensa-lx106-elf-gcc" : "xtensa-lx106-elf-g++", "-g", "-Os", "-ffreestanding",
                "-nostdlib", "-mlongcalls", "-mtext-section-literals",
            ]
            if language == .cpp { compiler.arguments? += ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"] }
            compiler.arguments? += ["-T", script.path, code.path, "-o", elf.path]
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
    static func image(_ source: String, _ language: Language = .c, in directory: URL) async throws -> [UInt8] {
        let elf = try await build(source, language, in: directory)
        let output = directory.appending(path: "image").path
        try await make(["from-elf", elf.path, "--version", "1", "-o", output])
        return Array(try Data(contentsOf: URL(filePath: output + "0x00000.bin")))
    }

    /// Runs `iot image`.
    static func make(_ arguments: [String]) async throws {
        let made = try await FinishedCommand.run(["image"] + arguments)
        guard made.end == "exit code 0" else { throw Failed(description: made.errors.joined(separator: "\n")) }
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
