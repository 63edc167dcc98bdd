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
                + "driver; #1 after it is the second of several lines), rfc2217://host:port or socket://host:port. May be given several times. Default: "
                + "the one USB serial port that there is.", valueName: "port"),
        completion: .custom(Self.portNames))
    var port: [String] = []

    @Flag(help: "Every USB serial port of this machine, and every adapter that has none but can be driven.")
    var all = false

    @Option(
        name: .shortAndLong,
        help:
            "Speed in bits a second, from 9600 to 4000000 (data was sent at up to 2000000); the ROM's loader takes the one it is called at (default: 115200).",
        transform: { try Self.baud($0, of: "--baud") })
    var baud: Int?

    @Option(
        help: ArgumentHelp(
            "default-reset restarts the board into its loader by DTR and RTS; no-reset finds it there (default: "
                + "default-reset)."))
    var before: Before?

    @Option(
        help: "hard-reset starts what is in the flash; no-reset leaves the board in its loader (default: hard-reset).")
    var after: Board.After?

    @Option(help: "How often the board is restarted before it counts as absent (default: 7).", transform: Self.attempts)
    var connectAttempts: Int?

    @Flag(inversion: .prefixedNo, help: "Ask whether it is an ESP8266 at all.")
    var chipCheck = true

    @Flag(help: "Use the ROM's loader alone: slower, and everything is written and read back.")
    var noStub = false

    @Option(
        help: ArgumentHelp(
            "A file with defaults in its table [flash]: port, baud, before, after, connect-attempts, flash-mode, flash-freq, "
                + "flash-size (default: iot.toml, where it is there).", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var config: String?

    @Flag(help: "Print what goes over the wire on stderr.")
    var trace = false

    @Flag(help: "Print events as lines of JSON on stdout.")
    var json = false

    enum Before: String, CaseIterable, ExpressibleByArgument {
        case defaultReset = "default-reset"
        case noReset = "no-reset"
    }

    /// Below it a SYNC takes longer than the ROM is given to answer.
    static let bauds = 9600...4_000_000
    static let attemptsRange = 1...1000

    static func baud(_ text: String, of option: String) throws -> Int {
        guard let baud = Int(text), bauds.contains(baud) else {
            throw ValidationError("\(option) takes a number from \(bauds.lowerBound) to \(bauds.upperBound)")
        }
        return baud
    }

    private static func attempts(_ text: String) throws -> Int {
        guard let attempts = Int(text), attemptsRange.contains(attempts) else {
            throw ValidationError("--connect-attempts takes a number from 1 to 1000")
        }
        return attempts
    }

    /// For tab completion.
    private static func portNames(_ words: [String], _ index: Int, _ begun: String) -> [String] {
        PortCatalogue().ports().map(\.path)
    }

    func validate() throws {
        guard !all || port.isEmpty else { throw ValidationError("--all takes every port, --port names some; take one") }
        guard !port.contains("") else { throw ValidationError("--port names no port") }
    }

    /// Ends the command as an error asks for it, and tells scripts.
    func exiting<Value>(_ body: () throws(FlashError) -> Value) throws -> Value {
        try BoardRunner.exiting(tellsScript: json, body)
    }

    func meeting(_ defaults: FlashDefaults) -> Board.Meeting {
        Board.Meeting(
            baud: baud ?? defaults.baud ?? 115_200,
            resets: (before ?? defaults.before) == .noReset ? [] : ResetSequence.intoLoader,
            attempts: connectAttempts ?? defaults.connectAttempts ?? 7, checksChip: chipCheck, usesStub: !noStub,
            isTraced: trace)
    }

    /// The ports that are meant.
    func ports(
        _ defaults: FlashDefaults, _ catalogue: PortCatalogue = PortCatalogue()
    ) throws(FlashError) -> [SerialAddress] {
        let names = port.isEmpty && !all ? defaults.ports : port
        return try Self.ports(names, all: all, asks: !json, catalogue)
    }

    /// The ports of these names; where there are none, those of the boards that are plugged in.
    ///
    /// - Parameters:
    ///   - all: Whether several boards may be meant.
    ///   - asks: Whether a person may be asked which is meant.
    static func ports(
        _ names: [String], all: Bool = false, asks: Bool = true, _ catalogue: PortCatalogue = PortCatalogue()
    ) throws(FlashError) -> [SerialAddress] {
        guard names.isEmpty else { return try addresses(names) }
        let found = catalogue.boards()
        guard !found.isEmpty else { throw .noPort }
        if all || found.count == 1 { return try addresses(found.map(\.path)) }
        guard asks, let chosen = PortQuestion.ask(found) else { throw .severalPorts(found.map(\.path)) }
        return try addresses([chosen])
    }

    private static func addresses(_ texts: [String]) throws(FlashError) -> [SerialAddress] {
        var addresses: [SerialAddress] = []
        for text in texts {
            do {
                addresses.append(try SerialAddress(text))
            } catch {
                guard case .badAddress = error.reason, FileManager.default.fileExists(atPath: "/dev/" + text) else {
                    throw .port(error)
                }
                throw .port(SerialError(text, .badAddress("there is no such file here; did you mean /dev/\(text)?")))
            }
        }
        return addresses
    }
}

extension Board.After: ExpressibleByArgument {}
