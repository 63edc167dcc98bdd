import ArgumentParser
import Foundation
import SerialPort

/// `iot ports`: which serial ports there are.
public struct PortsCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "ports",
        abstract: "List the serial ports of this machine, who has them, and what is in the way.",
        discussion: """
            Examples:
              iot ports
              iot ports --json
              iot ports doctor
            """,
        subcommands: [PortsListCommand.self, PortsDoctorCommand.self], defaultSubcommand: PortsListCommand.self)

    public init() {}
}

struct PortsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List them (the default).")

    @Flag(help: "Print one line of JSON.")
    var json = false

    private struct Line: Encodable {
        var ports: [PortDescription]
    }

    func run() throws {
        let ports = PortCatalogue().ports()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try FileHandle.standardOutput.write(contentsOf: encoder.encode(Line(ports: ports)) + Data("\n".utf8))
        } else {
            let text = ports.isEmpty ? "no serial ports; iot ports doctor says why\n" : PortTable(ports).text
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        }
    }
}

struct PortsDoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say why a board cannot be reached, and what to do.",
        discussion: """
            Looks at the USB adapters, their drivers, permissions, and the programs that are known to get in the way. It opens \
            no port. Exit code 0: nothing is in the way; 1: something is.
            """)

    func run() throws {
        let findings = PortDoctor.examine(PortCatalogue(), processes: RunningProcesses.names())
        for finding in findings {
            try FileHandle.standardOutput.write(contentsOf: Data("\(finding.text)\n".utf8))
        }
        if findings.contains(where: \.isTrouble) { throw ExitStatus.failed.code }
    }
}
