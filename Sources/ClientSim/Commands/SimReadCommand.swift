import ArgumentParser
import Daemon
import UnitProtocol

/// `iot sim read`: one sensor.
struct SimReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Simulate a read unit: a sensor that sends a number a second.",
        discussion: """
            A slow wave on another address:
              iot sim read --address 127.0.1.7 --signal sine:60s
            """)

    @Option(help: "The name before its console lines.")
    var name = "sensor"

    @Option(help: "The address to listen on (default: 127.0.1.1).", transform: IPv4Address.argument)
    var address = IPv4Address(bits: 0x7F00_0101)

    @Option(
        help: "What it measures: \(Signal.notations) (default: uniform).", transform: { try Signal($0) })
    var signal = Signal.uniform

    @Option(help: "The pause after each measurement, such as 250ms or 1s (default: 1s).", transform: Duration.period)
    var period = Duration.seconds(1)

    @Option(help: "The same seed gives the same measurements.")
    var seed: UInt64 = 1

    @OptionGroup var unit: UnitOptions
    @OptionGroup var console: ConsoleOptions
    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
        let plan = UnitPlan(
            name: name, kind: .read, address: address, port: unit.port, profile: unit.profile, signal: signal,
            period: period, seed: seed)
        try await FleetRunner(fleet: FleetFile(plan), console: console.destination(), options: daemon).run()
    }
}
