import ArgumentParser
import ESPLoader
import Foundation
import SerialPort

/// How boards are reached; every command that talks to a board has these.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, parsing: .singleValue,
        help: ArgumentHelp(
            "The board's port: /dev/ttyUSB0, usb:1a86:7523, usb:1-1.2 or usb:serial=TEXT (a USB adapter without its kernel "
                + "driver), rfc2217://host:port or socket://host:port. May be given several times. Default: "
                + "the one port that there is.", valueName: "port"))
    var port: [String] = []

    @Flag(help: "Every USB serial port of this machine.")
    var all = false

    @Option(
        name: .shortAndLong,
        help: "Speed in bits a second; the ROM takes the one it is called at (default: 115200).", transform: Self.baud)
    var baud: Int?

    @Option(help: "default-reset restarts the board into its loader by DTR and RTS; no-reset finds it there.")
    var before: Before?

    @Option(help: "hard-reset starts what is in the flash; no-reset leaves the board in its loader.")
    var after: Board.After?

    @Option(help: "How often the board is restarted before it counts as absent (default: 7).", transform: Self.attempts)
    var connectAttempts: Int?

    @Flag(inversion: .prefixedNo, help: "Ask whether it is an ESP8266 at all.")
    var chipCheck = true

    @Flag(help: "Use the ROM's loader alone; this version always does.")
    var noStub = false

    @Option(
        help: ArgumentHelp(
            "A file with defaults in its table [flash]: port, baud, before, after, connect-attempts, flash-mode, flash-freq, "
                + "flash-size (default: iot.toml, where it is there).", valueName: "file"))
    var config: String?

    @Flag(help: "Print what goes over the wire on stderr.")
    var trace = false

    @Flag(help: "Print events as lines of JSON on stdout.")
    var json = false

    enum Before: String, CaseIterable, ExpressibleByArgument {
        case defaultReset = "default-reset"
        case noReset = "no-reset"
    }

    static let bauds = 300...4_000_000
    static let attemptsRange = 1...1000

    private static func baud(_ text: String) throws -> Int {
        guard let baud = Int(text), bauds.contains(baud) else {
            throw ValidationError("--baud takes a number from \(bauds.lowerBound) to \(bauds.upperBound)")
        }
        return baud
    }

    private static func attempts(_ text: String) throws -> Int {
        guard let attempts = Int(text), attemptsRange.contains(attempts) else {
            throw ValidationError("--connect-attempts takes a number from 1 to 1000")
        }
        return attempts
    }

    func meeting(_ defaults: FlashDefaults) -> Board.Meeting {
        Board.Meeting(
            baud: baud ?? defaults.baud ?? 115_200,
            resets: (before ?? defaults.before) == .noReset ? [] : ResetSequence.intoLoader,
            attempts: connectAttempts ?? defaults.connectAttempts ?? 7, checksChip: chipCheck, isTraced: trace)
    }

    /// The ports that are meant.
    func ports(
        _ defaults: FlashDefaults, _ catalogue: PortCatalogue = PortCatalogue()
    ) throws(FlashError) -> [SerialAddress] {
        guard port.isEmpty else { return try Self.addresses(port) }
        guard defaults.ports.isEmpty || all else { return try Self.addresses(defaults.ports) }
        let found = catalogue.boards()
        guard !found.isEmpty else { throw .noPort }
        if all || found.count == 1 { return try Self.addresses(found.map(\.path)) }
        guard !json, let chosen = PortQuestion.ask(found) else { throw .severalPorts(found.map(\.path)) }
        return try Self.addresses([chosen])
    }

    private static func addresses(_ texts: [String]) throws(FlashError) -> [SerialAddress] {
        var addresses: [SerialAddress] = []
        for text in texts {
            do {
                addresses.append(try SerialAddress(text))
            } catch {
                throw .port(error)
            }
        }
        return addresses
    }
}

extension Board.After: ExpressibleByArgument {}
