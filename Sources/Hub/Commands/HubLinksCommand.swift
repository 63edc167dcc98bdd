import ArgumentParser
import Daemon
import Foundation
import UnitProtocol

/// `iot hub links`: what lets others stream as a device and watch it, made on the hub's own machine, also while it runs.
struct HubLinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Make links to stream as a device and to watch it, without an account.",
        discussion: """
            Prints one line of JSON: the device's number, the ticket to stream as it, the paths of both pages, which hold \
            their tickets, and until when those are good. A device that the hub does not have at that address is added.

            Example:
              iot hub links --state ./hub-state --name sensor-1 --address 127.0.1.1
            """)

    @OptionGroup var state: StateOption

    @Option(help: "What the device is called where it has to be added.")
    var name: String

    @Option(help: "The device's address.", transform: { try IPv4Address($0) })
    var address: IPv4Address

    func validate() throws {
        guard GivenName.allows(name) else { throw ValidationError("--name \(GivenName.rule)") }
    }

    private struct Links: Encodable {
        var device: Int64
        var ticket: String
        var interface: String
        var remote: String
        var expiresAt: Timestamp
    }

    func run() async throws {
        let directory = try StateDirectory.existing(at: state.path)
        let store = try Store(in: directory)
        let key = DeviceTicketKey(appSecret: try HubCredentials.load(in: directory).secret)
        let device: Device
        if let known = try await store.device(at: address) {
            device = known
        } else {
            device = try await store.addDevice(
                uuid: UUID(), name: name, kind: .read, address: address, active: true)
        }
        let now = Timestamp.now()
        let stream = DeviceTicket(.stream, device: device.id, madeAt: now)
        let watch = DeviceTicket(.watch, device: device.id, madeAt: now)
        try Daemon.printLine(
            Links(
                device: device.id, ticket: stream.text(key: key), interface: stream.path(key: key),
                remote: watch.path(key: key), expiresAt: watch.expiresAt))
    }
}
