import ArgumentParser
import Daemon
import Foundation
import UnitProtocol

/// `iot up`: the whole system on this machine.
public struct UpCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start a hub, a base and simulated units on this machine.",
        discussion: """
            Everything speaks the real protocols over loopback addresses. The hub's data and the admin's password are \
            kept in the state directory; Ctrl-C stops all parts.

            Examples:
              iot up
              iot up --units 8+4 --hub-port 9000
              iot up --json --state ./iot-state > ready.json &
            """)

    @Option(help: ArgumentHelp("The port of the dashboard; 0 takes a free one.", valueName: "port"))
    var hubPort = 8080

    @Option(
        help: ArgumentHelp(
            """
            Where data is kept (default: ~/.local/state/iot); the directory is made, or must be one in which only you \
            may write.
            """, valueName: "directory"),
        completion: .directory)
    var state: String?

    @Option(
        help: ArgumentHelp("How many read units and lamps (default: 4+2).", valueName: "read+lamps"),
        transform: UnitCount.init(argument:))
    var units = UnitCount.standard

    @Option(
        help: ArgumentHelp(
            "The address of the first unit; the others follow (default: 127.0.1.1).", valueName: "address"),
        transform: loopbackAddress)
    var unitsFrom = IPv4Address(bits: 0x7F00_0101)

    @Flag(help: "Print one line of JSON when all is ready, instead of text.")
    var json = false

    @OptionGroup var daemon: DaemonOptions

    public init() {}

    public func validate() throws {
        guard (0...65_535).contains(hubPort) else {
            throw ValidationError("--hub-port takes a number from 0 to 65535, not \(hubPort)")
        }
        _ = try SystemPlan(count: units, firstAddress: unitsFrom)
    }

    public func run() async throws {
        let logger = daemon.logger("up")
        let json = json
        let system = System(
            hubPort: hubPort,
            plan: try SystemPlan(count: units, firstAddress: unitsFrom),
            state: try StateDirectory(path: state),
            parts: RunningParts(executable: try Self.thisExecutable(), logger: logger)
        ) { report in
            if json {
                try Daemon.printLine(report)
            } else {
                try FileHandle.standardOutput.write(contentsOf: Data((report.text + "\n").utf8))
            }
        }
        try await Daemon.run([system], options: daemon, logger: logger)
    }

    /// The children are this very program.
    private static func thisExecutable() throws -> URL {
        URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    }
}

private func loopbackAddress(_ text: String) throws -> IPv4Address {
    let address = try IPv4Address(text)
    guard address.bits >> 24 == 127 else { throw UpError.notLoopback(address) }
    return address
}
