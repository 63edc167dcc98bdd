import Foundation
import TestSupport
import Testing

@testable import VirtualBoard

/// Programs that the tests compile, started by the ROM from the flash.
@Suite(.timeLimit(.minutes(3)), .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
struct BootedFirmwareTests {
    private func board(
        _ source: String, timing: ChipTiming = .real, pins: [Int: Bool] = [:], analogue: Int = 0
    ) async throws -> SimulatedBoard {
        try await withTemporaryDirectory { directory in
            SimulatedBoard(
                try await Firmware.image(source, in: directory), timing: timing, pins: pins, analogue: analogue)
        }
    }

    @Test("what a program prints arrives at its speed, through the ROM and through registers, and it hears its host")
    func prints() async throws {
        var board = try await board(
            """
            static void say(const char *text) {
                for (; *text; text++) {
                    while ((REG(0x6000001c) >> 16 & 0xff) >= 126) {}
                    REG(0x60000000) = *text;
                }
            }
            void start(void) {
                ets_printf("%d|%5u|%08x|%X|%s|%c|%-3d|%%\\n", -5, 42, 0xabcd, 0xef, "text", 'c', 7);
                say("registers\\n");
                while (REG(0x6000001c) >> 16 & 0xff) {}
                uart_div_modify(0, 52000000 / 115200);
                ets_printf("faster\\n");
                for (;;) {
                    char heard;
                    if (uart_rx_one_char(&heard) == 0) uart_tx_one_char(heard + 1);
                }
            }
            """)
        board.run(for: .milliseconds(100))
        board.receive(Array("HAL".utf8), baud: 115_200)
        board.run(for: .milliseconds(10))
        #expect(board.said.map(\.baud) == [74_880, 74_927, 115_299])
        #expect(
            board.said[0].text.hasPrefix(
                "\r\n ets Jan  8 2013,rst cause:1, boot mode:(3,6)\r\n\r\nload 0x40100000, len "))
        #expect(board.said[1].text == "-5|   42|0000abcd|EF|text|c|7  |%\r\nregisters\n")
        #expect(board.said[2].text == "faster\r\nIBM")
        #expect(board.halts == [])
    }

    @Test("the flash can be read through the cache's window in words; a byte of it raises LoadStoreError")
    func flashWindow() async throws {
        var board = try await board(
            """
            static volatile u32 seen;
            static void skip(struct frame *frame, int cause) {
                u32 address;
                asm volatile("rsr.excvaddr %0" : "=r"(address));
                seen = address;
                ets_printf("cause %d at %08x\\n", cause, address);
                frame->epc += 3;
            }
            void start(void) {
                _xtos_set_exception_handler(3, skip);
                Cache_Read_Enable(0, 0, 0);
                ets_printf("%08x\\n", REG(0x40200000) & 0xff);
                u32 place = 0x40200001;
                asm volatile("l8ui %0, %0, 0" : "+r"(place));
                ets_printf("went on\\n");
                for (;;) {}
            }
            """)
        board.run(for: .milliseconds(100))
        #expect(board.program == "000000e9\r\ncause 3 at 40200001\r\nwent on\r\n")
    }

    @Test("a pin blinks to the microsecond, and a program reads what the outside drives")
    func blinks() async throws {
        var board = try await board(
            """
            void start(void) {
                REG(0x60000310) = 1 << 2;
                for (int i = 0; i < 3; i++) {
                    REG(0x60000308) = 1 << 2;
                    ets_delay_us(1000);
                    REG(0x60000304) = 1 << 2;
                    ets_delay_us(2000);
                }
                for (;;) {
                    REG(0x60000300) = (REG(0x60000318) >> 5 & 1) << 2;
                    REG(0x60000768) = 0;
                }
            }
            """, pins: [5: true])
        board.run(for: .milliseconds(40))
        let blinks = board.pins.changes.filter { $0.pin == 2 }
        #expect(blinks.map(\.level) == [false, true, false, true, false, true])
        let pauses = zip(blinks.dropFirst(), blinks).map { ($0.time - $1.time) / .microseconds(1) }
        for (pause, wanted) in zip(pauses, [1000, 2000, 1000, 2000, 1000] as [Double]) {
            #expect(abs(pause - wanted) < 2)
        }
        board.drive(pin: 5, false)
        board.run(for: .milliseconds(5))
        #expect(board.pins.changes.filter { $0.pin == 2 }.map(\.level) == blinks.map(\.level) + [false])
    }

    @Test("FRC1 interrupts a thousand times a second, and FRC2 at its alarm")
    func timers() async throws {
        var board = try await board(
            """
            static volatile u32 ticks, alarms;
            static void tick(void *count) { ++*(volatile u32 *)count; REG(0x6000060c) = 0; }
            static void alarm(void *count) { ++*(volatile u32 *)count; REG(0x6000062c) = 0; }
            void start(void) {
                ets_isr_attach(9, tick, (void *)&ticks);
                ets_isr_attach(10, alarm, (void *)&alarms);
                ets_isr_unmask(1 << 9 | 1 << 10);
                REG(0x3ff00004) |= 6;
                REG(0x60000600) = 5000;
                REG(0x60000608) = 1 << 7 | 1 << 6 | 1 << 2;
                REG(0x60000620) = 0;
                REG(0x60000630) = 3125;
                REG(0x60000628) = 1 << 7 | 2 << 2;
                while (ticks < 100) {}
                ets_printf("%d ticks, %d alarms, %d\\n", ticks, alarms, REG(0x60000624) / 3125);
                for (;;) {}
            }
            """)
        board.run(for: .milliseconds(150))
        #expect(board.program == "100 ticks, 1 alarms, 10\r\n")
    }

    @Test("an edge at a pin interrupts, once for each edge")
    func pinInterrupt() async throws {
        var board = try await board(
            """
            static volatile u32 edges;
            static void edge(void *unused) { edges++; REG(0x60000324) = REG(0x6000031c); }
            void start(void) {
                ets_isr_attach(4, edge, 0);
                REG(0x60000338) = 1 << 7;
                ets_isr_unmask(1 << 4);
                for (u32 told = 0;;)
                    if (edges != told) ets_printf("%d\\n", told = edges);
            }
            """)
        board.run(for: .milliseconds(30))
        for level in [true, false, true] {
            board.drive(pin: 4, level)
            board.run(for: .milliseconds(5))
        }
        #expect(board.program == "1\r\n2\r\n")
    }

    @Test("the watchdog resets a program that hangs, again and again, and only power clears the RTC's memory")
    func watchdog() async throws {
        var board = try await board(
            """
            void start(void) {
                ets_printf("reason %d, start %d\\n", rtc_get_reset_reason(), ++REG(0x60001200));
                REG(0x60000904) = 5;
                REG(0x60000908) = 5;
                REG(0x60000900) = 1;
                if (REG(0x60001200) == 3) {
                    while (REG(0x6000001c) >> 16 & 0xff) {}
                    ets_delay_us(1000);
                    software_reset();
                }
                if (REG(0x60001200) == 4) for (int i = 0; i < 200; i++) { REG(0x60000914) = 0x73; ets_delay_us(1000); }
                for (;;) {}
            }
            """)
        board.run(for: .milliseconds(900))
        let lines = board.text.split(separator: "\r\n").filter {
            $0.contains("rst cause") || $0.hasPrefix("reason") || $0 == "wdt reset"
        }
        func start(_ cause: Int) -> Substring { " ets Jan  8 2013,rst cause:\(cause), boot mode:(3,6)" }
        #expect(
            Array(lines.prefix(14)) == [
                start(1), "reason 1, start 1", start(4), "wdt reset", "reason 4, start 2", start(4), "wdt reset",
                "reason 4, start 3", start(3), "reason 3, start 4", start(4), "wdt reset", "reason 4, start 5",
                start(4),
            ])
        #expect(board.halts == [])
    }

    @Test("the second port sends, and the analogue input reads what it is given", arguments: [0, 1, 512, 1023])
    func otherPeripherals(analogue: Int) async throws {
        var board = try await board(
            """
            void start(void) {
                for (const char *text = "second"; *text; text++) REG(0x60000f00) = *text;
                REG(0x60000d50) &= ~2;
                REG(0x60000d50) |= 2;
                while (REG(0x60000d50) >> 24 & 7) {}
                int sum = 0;
                for (int i = 0; i < 8; i++) {
                    int raw = ~REG(0x60000d80 + 4 * i), low = (raw & 0xff) - 21;
                    sum += (raw & 0x700) + (low > 0 ? low * 279 >> 8 : 0);
                }
                ets_printf("%d\\n", (sum + 8) >> 4);
                for (;;) {}
            }
            """, analogue: analogue)
        board.run(for: .milliseconds(100))
        #expect(board.program == "\(analogue)\r\n")
        #expect(board.takeUART1() == "second")
    }

    @Test("a program that has stopped does not keep a host from the loader")
    func loaderAfterHalt() async throws {
        var board = try await board("void start(void) { rom_missing(); }")
        board.run(for: .milliseconds(60))
        #expect(board.halts.count == 1)
        let sync =
            ([0xC0, 0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20] as [UInt8]) + Array(repeating: 0x55, count: 32) + [0xC0]
        board.receive(sync, baud: 115_200)
        board.run(for: .milliseconds(50))
        #expect(board.chip.mode == .romLoader)
        #expect(board.said.last?.baud == 115_200)
    }

    @Test("what the outside changes in mid-run is seen by a program that watches for it")
    func outsideChanges() async throws {
        var board = try await board(
            """
            static int analogue(void) {
                REG(0x60000d50) &= ~2;
                REG(0x60000d50) |= 2;
                while (REG(0x60000d50) >> 24 & 7) {}
                int sum = 0;
                for (int i = 0; i < 8; i++) {
                    int raw = ~REG(0x60000d80 + 4 * i), low = (raw & 0xff) - 21;
                    sum += (raw & 0x700) + (low > 0 ? low * 279 >> 8 : 0);
                }
                return (sum + 8) >> 4;
            }
            void start(void) {
                for (int pins = -1, level = -1;;) {
                    int newPins = REG(0x60000318) >> 4 & 3 | (REG(0x6000078c) & 1) << 2, newLevel = analogue();
                    // It may have changed between two samples.
                    if (newLevel != analogue()) continue;
                    if (newPins != pins || newLevel != level) ets_printf("%d %d\\n", newPins, newLevel);
                    pins = newPins, level = newLevel;
                }
            }
            """, pins: [5: true], analogue: 100)
        board.run(for: .milliseconds(40))
        board.drive(pin: 4, true)
        board.run(for: .milliseconds(20))
        board.apply(analogue: 1023)
        board.run(for: .milliseconds(20))
        board.drive(pin: 5, false)
        board.run(for: .milliseconds(20))
        board.drive(pin: 16, true)
        board.run(for: .milliseconds(20))
        board.apply(analogue: 0)
        board.drive(pin: 4, nil)
        board.run(for: .milliseconds(20))
        #expect(board.program == "2 100\r\n3 100\r\n3 1023\r\n1 1023\r\n5 1023\r\n4 0\r\n")
    }

    @Test("C++ runs: constructors of objects in their order, virtual calls, templates and closures")
    func plusPlus() async throws {
        let image = try await withTemporaryDirectory { directory in
            try await Firmware.image(
                """
                struct Shape {
                    const char *name;
                    Shape *next;
                    static Shape *first;
                    explicit Shape(const char *name) : name(name), next(first) { first = this; }
                    virtual int area() const = 0;
                    virtual void tell() const { ets_printf("%s %d\\n", name, area()); }
                };
                Shape *Shape::first;
                struct Square : Shape {
                    int side;
                    explicit Square(int side) : Shape("square"), side(side) {}
                    int area() const override { return side * side; }
                };
                struct Circle : Shape {
                    int radius;
                    explicit Circle(int radius) : Shape("circle"), radius(radius) {}
                    int area() const override { return 355 * radius * radius / 113; }
                    void tell() const override { ets_printf("round "); Shape::tell(); }
                };
                static Square square(7);
                static Circle circle(10);
                template <class Body> static void each(Body body) { for (auto at = Shape::first; at; at = at->next) body(*at); }
                extern "C" void __cxa_pure_virtual() { for (;;) {} }
                extern "C" int __divsi3(int, int);
                asm("__divsi3 = 0x4000dc88\\n");
                extern "C" void (*constructors[])(), (*constructors_end[])();
                extern "C" void start() {
                    for (auto constructor = constructors; constructor < constructors_end; constructor++) (*constructor)();
                    int sum = 0;
                    each([&](const Shape &shape) { shape.tell(); sum += shape.area(); });
                    ets_printf("%d\\n", sum);
                    for (;;) {}
                }
                """, .cpp, in: directory)
        }
        var board = SimulatedBoard(image)
        board.run(for: .milliseconds(80))
        #expect(board.program == "round circle 314\r\nsquare 49\r\n363\r\n")
        #expect(board.halts == [])
    }

    @Test("a wrong checksum is told in the ROM's words, and nothing runs")
    func wrongChecksum() async throws {
        try await withTemporaryDirectory { directory in
            var image = try await Firmware.image("void start(void) { ets_printf(\"ran\"); }", in: directory)
            image[image.count - 1] ^= 1
            var board = SimulatedBoard(image)
            board.run(for: .milliseconds(100))
            #expect(board.text.hasSuffix("csum err\r\nets_main.c \r\n"))
            #expect(!board.text.contains("ran"))
            var blank = SimulatedBoard([])
            blank.run(for: .milliseconds(100))
            #expect(blank.text == "\r\n ets Jan  8 2013,rst cause:1, boot mode:(3,6)\r\n\r\nets_main.c \r\n")
        }
    }
}
