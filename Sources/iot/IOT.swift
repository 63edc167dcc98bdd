import ArgumentParser
import Base
import ClientSim
import Flash
import HIL
import Hub
import Up
import VirtualBoard

/// The one command of the toolkit: lists its subcommands, nothing else.
@main
struct IOT: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iot",
        abstract: "Simulate, connect and operate fleets of ESP8266 units.",
        discussion: """
            Start the whole system on this machine:
              iot up
            """,
        version: "0.1.0",
        subcommands: [
            UpCommand.self, HubCommand.self, BaseCommand.self, SimCommand.self, FlashCommand.self, ImageCommand.self,
            MonitorCommand.self, PortsCommand.self,
            BoardCommand.self, HilCommand.self,
        ])
}
