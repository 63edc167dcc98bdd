import ArgumentParser
import Daemon
import UnitProtocol

/// `iot sim lamp`: one lamp.
struct SimLampCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lamp",
        abstract: "Simulate an updatable unit: a lamp that shows the colour it is sent.",
        discussion: """
            A lamp with the firmware of an old core:
              iot sim lamp --address 127.0.1.8 --profile core-2.6
            """)

    @Option(help: "The name before its console lines.")
    var name = "lamp"

    @Option(help: "The address to listen on (default: 127.0.1.2).", transform: IPv4Address.argument)
    var address = IPv4Address(bits: 0x7F00_0102)

    @OptionGroup var unit: UnitOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
        let plan = UnitPlan(name: name, kind: .updatable, address: address, port: unit.port, profile: unit.profile)
        try await FleetRunner(fleet: FleetFile(plan), console: console.destination(), options: daemon).run()
    }
}
