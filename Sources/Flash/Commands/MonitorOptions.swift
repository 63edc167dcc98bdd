import ArgumentParser
import ESPLoader
import Foundation
import SerialPort

/// How a board's lines are shown; what stays the same whether it was flashed before or not.
struct MonitorOptions: ParsableArguments {
    @Option(
        help:
            "Listen at this speed after a reset, for the ROM's boot log (74880), until that ends; then at the sketch's.",
        transform: { try Self.baud($0, of: "--boot-baud") })
    var bootBaud: Int?

    @Flag(help: "Begin each line with the time of day.")
    var timestamps = false

    @Option(help: ArgumentHelp("Append every line to this file, filtered or not.", valueName: "file"))
    var log: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Show only lines in which this is found; may be given several times.", valueName: "regex"),
        transform: Self.pattern)
    var filter: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Do not show lines in which this is found; may be given several times.", valueName: "regex"),
        transform: Self.pattern)
    var exclude: [String] = []

    @Flag(help: "Show bytes as hexadecimal numbers.")
    var hex = false

    @Flag(help: "Give the terminal what the board says as it is, control characters too.")
    var raw = false

    @Option(help: "What Enter sends: lf, cr or crlf.")
    var eol = LineEnding.lf

    @Flag(help: "Show what is typed.")
    var echo = false

    @Option(
        help: ArgumentHelp("The program that runs: crashes are shown with function, file and line.", valueName: "file"))
    var elf: String?

    @Flag(inversion: .prefixedNo, help: "Put resets and crashes in words.")
    var explain = true

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Wait for a port that is gone, or (--reconnect) not there yet. Default: on a terminal for one that is gone."
        ))
    var reconnect: Bool?

    /// A monitor only listens: any speed that a line may have, also those of instruments that are slower than a loader can be.
    static let bauds = 50...4_000_000

    static func baud(_ text: String, of option: String) throws -> Int {
        guard let baud = Int(text), bauds.contains(baud) else {
            throw ValidationError("\(option) takes a number from \(bauds.lowerBound) to \(bauds.upperBound)")
        }
        return baud
    }

    private static func pattern(_ text: String) throws -> String {
        do {
            _ = try LinePattern(text)
        } catch {
            throw ValidationError("\(error)")
        }
        return text
    }

    func validate() throws {
        guard !hex || filter.isEmpty && exclude.isEmpty else {
            throw ValidationError("--hex shows bytes, --filter and --exclude choose lines; take one of them")
        }
        guard !raw || !hex && filter.isEmpty && exclude.isEmpty && !timestamps else {
            throw ValidationError(
                "--raw shows bytes as they are; --hex, --filter, --exclude and --timestamps need lines")
        }
    }

    /// - Throws: ``FlashError/inputFile(path:reason:)`` where the ELF is none.
    func settings(_ address: SerialAddress, baud: Int, start: MonitorSettings.Start) throws(FlashError)
        -> MonitorSettings
    {
        if let elf { try Self.check(elf) }
        return MonitorSettings(
            address: address, baud: baud, bootBaud: bootBaud, start: start, reconnects: reconnect,
            showsTimestamps: timestamps, showsHex: hex, isRaw: raw, include: filter, exclude: exclude, echoes: echo,
            lineEnding: eol, log: log, explains: explain, elf: elf)
    }

    private static func check(_ path: String) throws(FlashError) {
        do {
            _ = try ELF32(InputFile(path: path).bytes)
        } catch let error as FlashError {
            throw error
        } catch {
            throw .inputFile(path: path, reason: "\(error)")
        }
    }
}

extension LineEnding: ExpressibleByArgument {}
