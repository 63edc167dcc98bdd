import ArgumentParser

/// `iot sim`: simulated units.
public struct SimCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sim",
        abstract: "Simulate units that behave as the ESP8266 firmware does.",
        discussion: """
            One lamp, to which `printf 'red\\r' | nc -N 127.0.1.2 8888` may be sent:
              iot sim lamp --address 127.0.1.2
            """,
        subcommands: [
            SimReadCommand.self, SimLampCommand.self, SimFleetCommand.self, SimCheckCommand.self,
            SimRehearseCommand.self,
            SimVerifyCommand.self, SimInterfaceCommand.self, SimWorkerCommand.self,
        ])

    public init() {}
}
