import ESPLoader
import Foundation
import LX106

/// One board as the command line asks for it.
struct BoardPlan: Sendable {
    /// Where its UART can be reached.
    enum Port: Sendable, Equatable {
        /// - Parameter link: A symbolic link to the terminal.
        case pseudoTerminal(link: String?)
        /// - Parameter baud: Where the host cannot say it, as over plain TCP.
        case network(NetworkPort.Kind, host: String, port: Int, baud: Int)

        /// Only RFC 2217 carries DTR and RTS; elsewhere a SYNC brings a running chip into its loader.
        var hasModemLines: Bool {
            if case .network(.rfc2217, _, _, _) = self { return true }
            return false
        }
    }

    var model: BoardModel
    var port: Port
    var flash: String?
    var timing: ChipTiming
    var execution: Chip.Execution
    var startClock = StartClock.full
    /// The levels that are driven from outside, by the pin's number.
    var pins: [Int: Bool] = [:]
    /// At TOUT, 0 to 1023.
    var analogue = 0
    /// The file for the trace of the pins.
    var trace: String?
    /// The file for what the second serial port says.
    var secondPort: String?
    /// Where it listens for a debugger.
    var debugger: (host: String, port: Int)?
    /// The file for the trace of the program's calls, and the program's symbols.
    var calls: (file: String, symbols: [SymbolTable.Symbol])?
    var faults: [LineFault]
    var seed: UInt64
    /// Counts from 0; makes the MAC address and what else must differ.
    var index: Int

    var eFuses: EFuses {
        let serial = 0x12_3456 + index
        return EFuses(serial: (UInt8(serial >> 16 & 0xFF), UInt8(serial >> 8 & 0xFF), UInt8(serial & 0xFF)))
    }

    /// The chip with its flash, blank where there is no file yet.
    func chip(watcher: (any PinWatcher)?) throws -> Chip {
        var part = model.flash
        for case .smallFlash(let bytes) in faults { part.bytes = min(part.bytes, bytes) }
        let contents: any FlashContents =
            try flash.map { try FileFlashContents(path: $0, bytes: part.bytes) }
            ?? MemoryFlashContents(bytes: part.bytes)
        var spiFlash = SPIFlash(chip: part, contents: contents, seed: seed &+ UInt64(index))
        for fault in faults {
            if case .badSector(let sector) = fault { spiFlash.badSectors.insert(sector) }
        }
        return Chip(
            flash: spiFlash, eFuses: eFuses, timing: timing, execution: execution,
            entersLoaderOnSync: !port.hasModemLines, startClock: startClock,
            outside: Chip.Outside(pins: pins, analogue: analogue, watcher: watcher))
    }

    /// The same name for the first board, `board-2.bin` for the second.
    static func numbered(_ path: String, _ index: Int) -> String {
        guard index > 0 else { return path }
        let url = URL(filePath: path)
        let ending = url.pathExtension
        let base = ending.isEmpty ? path : String(path.dropLast(ending.count + 1))
        return "\(base)-\(index + 1)\(ending.isEmpty ? "" : ".\(ending)")"
    }
}
