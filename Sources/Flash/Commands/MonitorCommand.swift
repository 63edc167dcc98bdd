import ArgumentParser
import SerialPort

/// `iot monitor`: what a board says, and keys for it.
public struct MonitorCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Show what a board says, and type to it.",
        discussion: """
            Examples:
              iot monitor
              iot monitor --port /dev/ttyUSB0 --baud 9600 --timestamps
              iot monitor --reset --boot-baud 74880 --elf sketch.elf
              iot monitor --filter temperature | tee log

            Opening the port does not restart the board; --reset does. Ctrl-] quits, Ctrl-T opens a menu: reset, loader, flash \
            again, send a file, timestamps, hex, echo.

            Where stdin or stdout is no terminal it prints plain lines, takes no keys, and ends with its port, with its reader, \
            or at SIGINT or SIGTERM.

            Exit codes: 0 quit, or nobody reads stdout any more · 1 stdout or the log cannot be written · 2 no port, or it is \
            gone · 6 the ELF is none · \
            64 wrong usage · 130 interrupted
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The board's port: /dev/ttyUSB0, usb:1a86:7523, rfc2217://host:port or socket://host:port. Default: the one port "
                + "that there is.",
            valueName: "port"))
    var port: String?

    @Option(
        name: .shortAndLong, help: "The sketch's speed in bits a second (default: 115200).",
        transform: { try MonitorOptions.baud($0, of: "--baud") })
    var baud = 115_200

    @Flag(inversion: .prefixedNo, help: "Restart the board at the beginning.")
    var reset = false

    @OptionGroup var monitor: MonitorOptions

    public init() {}

    public func run() async throws {
        let settings = try BoardRunner.exiting { () throws(FlashError) in
            try StandardStreams.check()
            let addresses = try ConnectionOptions.ports(port.map { [$0] } ?? [])
            return try monitor.settings(addresses[0], baud: baud, start: reset ? .reset : .untouched)
        }
        try await MonitorRun.run(settings)
    }
}
