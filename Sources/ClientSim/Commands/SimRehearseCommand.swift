import ArgumentParser
import Foundation
import Settings

/// `iot sim rehearse`: a fleet file on a virtual clock.
struct SimRehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Run a fleet file on a virtual clock, with clients in memory, and print what happens.",
        discussion: """
            Nothing listens, and a minute takes a moment. The same file and seed print the same, byte for byte.
              iot sim rehearse docs/examples/faults.yaml --for 60s
            """)

    @Argument(help: "The fleet file (YAML); docs/fleet.schema.json describes it.")
    var file: String

    @Option(name: .customLong("for"), help: "How much of the virtual clock, such as 90s or 10m (default: 60s).")
    var length = "60s"

    @Option(help: "Take only this part of the units, such as 2/5.", transform: Shard.argument)
    var shard = Shard.whole

    func run() throws {
        guard let length = Duration(settingsText: length), length <= .seconds(86_400) else {
            throw ValidationError("--for must be a time of a day at most, such as 60s, not \"\(length)\"")
        }
        var piece = ""
        func write() throws {
            do {
                try FileHandle.standardOutput.write(contentsOf: Data(piece.utf8))
            } catch {
                throw FleetError.cannotWrite(path: "standard output", reason: error.reason)
            }
            piece = ""
        }
        try VirtualRun(FleetFile(path: file), shard: shard).run(for: length) { line in
            piece += line + "\n"
            if piece.utf8.count > 65_536 { try write() }
        }
        try write()
    }
}
