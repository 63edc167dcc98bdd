import ArgumentParser
import Daemon
import ESPLoader
import Files
import Foundation
import LX106
import SerialPort

/// `iot board`: NodeMCUs in software, on serial ports of their own.
public struct BoardCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "board",
        abstract: "Run virtual NodeMCUs on serial ports of their own.",
        discussion: """
            A board that esptool can flash at /tmp/board; its flash is kept in a file:
              iot board --link /tmp/board --flash board.bin
              esptool --port /tmp/board flash-id

            Over RFC 2217 DTR and RTS reach the board as on real ones:
              iot board --rfc2217 4000
              esptool --port rfc2217://127.0.0.1:4000 chip-id

            A debugger stops it, steps, and looks at registers and memory; a trace has its calls:
              iot board --link /tmp/board --flash board.bin --gdb 3333
              iot board --link /tmp/board --flash board.bin --trace calls.txt --symbols firmware.elf

            A pseudo terminal and plain TCP carry no DTR and RTS. There, and only there, a board enters its loader when it \
            hears a SYNC.
            """)

    @Option(help: "The kind of board: nodemcu or d1-mini (default: nodemcu).", transform: BoardModel.named)
    var model = BoardModel.nodeMCU

    @Option(help: "How many boards; the second gets the next TCP port, and -2 behind the names of link and file.")
    var count = 1

    @Option(help: "A stable name for the port: a symbolic link to the pseudo terminal.")
    var link: String?

    @Option(help: "Listen as a serial server (RFC 2217) on this TCP port, or HOST:PORT; 0 takes a free one.")
    var rfc2217: String?

    @Option(help: "Listen for plain TCP on this port, or HOST:PORT; 0 takes a free one.")
    var tcp: String?

    @Option(
        help: """
            The speed of the line behind --tcp, which a host cannot set there; the host must be told the same, because it \
            computes the crystal from it (default: 115200).
            """)
    var baud: Int?

    @Option(help: "The file that holds the flash; made blank where there is none. Without it the flash is forgotten.")
    var flash: String?

    @Option(help: "real: bytes, erasing and programming take their time; fast: they take none.")
    var timing = ChipTiming.real

    @Option(
        help: ArgumentHelp(
            """
            The CPU's clock until a program sets the PLL: 52 MHz, as the ROM leaves it with a crystal of 26 MHz, or 80 MHz, as \
            if it were set.
            """, valueName: "MHz"))
    var startClock = StartClock.full

    @Option(
        parsing: .singleValue,
        help: "A pin that is driven from outside, such as 5=1 or 0=0; may be given several times.",
        transform: DrivenPin.init)
    var pin: [DrivenPin] = []

    @Option(help: "What the analogue input reads, 0 to 1023.")
    var adc = 0

    @Option(help: "Write the levels of all pins to this file, as a value change dump.")
    var vcd: String?

    @Option(help: "Write what the second serial port (UART1, which can only send) says to this file.")
    var uart1: String?

    @Option(
        help: ArgumentHelp(
            """
            Listen for a debugger (GDB's remote protocol) on this TCP port of the loopback, or ADDRESS:PORT; 0 takes a free \
            one. Anybody who reaches it can do anything to the board.
            """, valueName: "port"))
    var gdb: String?

    @Option(
        help: """
            Write the program's calls and returns to this file, each with the CPU's cycle, up to 256 MiB; it makes the board slow.
            """)
    var trace: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "The program, whose functions --trace names; may be given several times.", valueName: "elf"))
    var symbols: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("What goes wrong; may be given several times: \(LineFault.notations)."),
        transform: Self.fault)
    var fault: [LineFault] = []

    @Option(help: "The same seed gives the same faults.")
    var faultSeed: UInt64 = 1

    @Flag(help: "Execute nothing: a stub that a host loads is answered for, and what is in the flash does not run.")
    var noCPU = false

    @Flag(help: "Print one line of JSON when the boards listen.")
    var json = false

    @OptionGroup var daemon: DaemonOptions

    public init() {}

    private static func fault(_ text: String) throws -> LineFault {
        guard let fault = LineFault(text) else {
            throw ValidationError("\"\(text)\" is no fault; known are \(LineFault.notations)")
        }
        return fault
    }

    public func validate() throws {
        guard (1...100).contains(count) else { throw ValidationError("--count takes a number from 1 to 100") }
        guard (0...1023).contains(adc) else { throw ValidationError("--adc takes 0 to 1023") }
        guard [link, rfc2217, tcp].compactMap(\.self).count <= 1 else {
            throw ValidationError("--link, --rfc2217 and --tcp are three ways to reach a board; take one")
        }
        if let baud {
            guard tcp != nil else {
                throw ValidationError("--baud is for --tcp alone; elsewhere the host sets the speed of the line")
            }
            guard (300...4_000_000).contains(baud) else { throw ValidationError("--baud takes 300 to 4000000") }
        }
        for text in [rfc2217 ?? tcp, gdb].compactMap(\.self) where try Self.endpoint(text).port + count - 1 > 65_535 {
            throw ValidationError("there are no \(count) TCP ports from \(text) on; the last one is 65535")
        }
        // A file that is written twice holds neither.
        let written = [flash, vcd, uart1, trace].compactMap(\.self)
        let files = (0..<count).flatMap { index in written.map { BoardPlan.numbered($0, index) } } + symbols
        let known = files.map(NamedFile.init)
        if let twice = files.indices.first(where: { index in known[..<index].contains(known[index]) }) {
            throw ValidationError(
                "\(files[twice]) is named twice; --flash, --vcd, --uart1, --trace and --symbols need a file each, and a second "
                    + "board has names of its own, such as board-2.bin")
        }
        guard !noCPU || gdb == nil && trace == nil else {
            throw ValidationError("--no-cpu executes nothing, so there is nothing for --gdb and --trace; leave it out")
        }
        guard symbols.isEmpty || trace != nil else {
            throw ValidationError("--symbols names the functions of a --trace; give that as well")
        }
        try DrivenPin.check(pin)
        let sectors = model.flash.bytes / FlashGeometry.sectorBytes
        for case .badSector(let sector) in fault where sector >= sectors {
            throw ValidationError("bad-sector:\(sector): the flash has the sectors 0 to \(sectors - 1)")
        }
    }

    public func run() async throws {
        // A file that may not grow is an error of its write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        let logger = daemon.logger("board")
        let program = try symbols.flatMap(Self.symbols)
        let plans = try (0..<count).map { try plan($0, program) }
        let service = BoardService(plans: plans, logger: logger) { [json] boards in
            if json {
                try? Daemon.printLine(["boards": boards])
            } else {
                let lines = boards.map { board in
                    "\(board.model) \(board.mac) on \(board.port)\(board.gdb.map { ", gdb on \($0)" } ?? "")\n"
                }.joined()
                try? FileHandle.standardOutput.write(contentsOf: Data(lines.utf8))
            }
        }
        try await Daemon.run([service], options: daemon, logger: logger)
    }

    private static let mostSymbolBytes = 256 << 20

    /// - Throws: ``BoardError/symbols(path:reason:)``.
    private static func symbols(_ path: String) throws -> [SymbolTable.Symbol] {
        do {
            let file = try RegularFile.bytes(of: path, atMost: mostSymbolBytes)
            return try ELF32(Array(file)).symbols.filter(\.isCode).map {
                SymbolTable.Symbol(address: $0.address, size: $0.size, name: $0.name)
            }
        } catch {
            throw BoardError.symbols(path: path, reason: "\(error)")
        }
    }

    private func plan(_ index: Int, _ program: [SymbolTable.Symbol]) throws -> BoardPlan {
        BoardPlan(
            model: model, port: try port(index), flash: flash.map { BoardPlan.numbered($0, index) }, timing: timing,
            execution: noCPU ? .standIn : .cpu, startClock: startClock,
            pins: Dictionary(pin.map { ($0.number, $0.level) }) { $1 }, analogue: adc,
            trace: vcd.map { BoardPlan.numbered($0, index) },
            secondPort: uart1.map { BoardPlan.numbered($0, index) },
            debugger: try gdb.map {
                let (host, port) = try Self.endpoint($0)
                return (host, port == 0 ? 0 : port + index)
            }, calls: trace.map { (BoardPlan.numbered($0, index), program) }, faults: fault, seed: faultSeed,
            index: index)
    }

    private func port(_ index: Int) throws -> BoardPlan.Port {
        for (text, kind) in [(rfc2217, NetworkPort.Kind.rfc2217), (tcp, .tcp)] {
            guard let text else { continue }
            let (host, port) = try Self.endpoint(text)
            return .network(kind, host: host, port: port == 0 ? 0 : port + index, baud: baud ?? NetworkPort.usualBaud)
        }
        return .pseudoTerminal(link: link.map { BoardPlan.numbered($0, index) })
    }

    /// `4000`, `0.0.0.0:4000` or `[::]:4000`.
    private static func endpoint(_ text: String) throws -> (host: String, port: Int) {
        let colon = text.lastIndex(of: ":")
        let host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
        let number = colon.map { text[text.index(after: $0)...] } ?? text[...]
        guard let port = Int(number), (0...65_535).contains(port), !host.isEmpty else {
            throw ValidationError("\"\(text)\" is no TCP port and no HOST:PORT")
        }
        return (host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")), port)
    }
}

extension ChipTiming: ExpressibleByArgument {}

extension StartClock: ExpressibleByArgument {}

extension BoardModel {
    static func named(_ name: String) throws -> BoardModel {
        guard let model = all.first(where: { $0.name == name }) else { throw BoardError.unknownModel(name) }
        return model
    }
}
