import ArgumentParser
import Daemon
import Files
import Foundation
import LiveStream
import NIOPosix
import PeerLink
import ServiceLifecycle

/// `iot sim interface`: a unit that streams live to browsers.
struct SimInterfaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interface",
        abstract: "Simulate an interface: it streams numbers to browsers over WebRTC, which plot them live.",
        discussion: """
            Alone it brings a hub of its own, and prints the page to start and stop it and the link for those who watch:
              iot sim interface

            With a hub that runs already it streams as one of its devices (docs/live.md):
              IOT_TOKEN=... iot sim interface --hub http://127.0.0.1:8080 --device 5 --start
            """)

    @Option(help: "What it is called.")
    var name = "interface"

    @Option(
        help: "What it streams: \(Signal.notations) (default: uniform).",
        transform: { try NamedSignal($0) })
    var signal = NamedSignal.uniform

    @Option(help: "Values a second, 0.1 to 1000.")
    var rate = 10.0

    @Option(help: "The same seed gives the same values.")
    var seed: UInt64 = 1

    @Flag(help: "Stream at once, not only when somebody presses Start.")
    var start = false

    @OptionGroup(title: "Alone") var alone: OwnHubOptions
    @OptionGroup(title: "With a hub") var place: HubPlaceOptions
    @OptionGroup(title: "Connections") var peers: PeerOptions

    @Flag(help: "Print one line of JSON when it streams, or could, instead of text.")
    var json = false

    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        guard (InterfaceState.leastRate...InterfaceState.mostRate).contains(rate) else {
            throw ValidationError("--rate must be from 0.1 to 1000 values a second, not \(rate)")
        }
        guard place.hub == nil || alone.isStandard else {
            throw ValidationError(
                "--host, --port and --state are for an interface alone; with --hub there is no other hub")
        }
    }

    func run() async throws {
        let logger = daemon.logger("sim")
        let own = place.hub == nil ? try await OwnHub.start(name: name, options: alone) : nil
        let livePlace =
            try own.map { try LivePlace(hub: $0.localURL, device: $0.links.device, token: $0.links.ticket) }
            ?? place.place()
        let state = InterfaceState(
            name: name, signal: signal, rate: rate, isRunning: start,
            link: own.map { ($0.links.remote, $0.links.expiresAt) })
        let host = try await peers.host()
        let stream = LiveStream(
            place: livePlace, host: host, group: MultiThreadedEventLoopGroup.singleton, logger: logger,
            describe: { state.description }, onControl: { state.answer($0, $1) })
        let report = ReadyInterface(own, hub: place.hub, device: livePlace.device, udp: Int(host.local.port))
        let json = json
        let interface = SimulatedInterface(state: state, stream: stream, device: livePlace.device, seed: seed) {
            if json {
                try Daemon.printLine(report)
            } else {
                try FileHandle.standardOutput.write(contentsOf: Data((report.text + "\n").utf8))
            }
        }
        let watch: [any Service] = own.map { [HubWatch(hub: $0)] } ?? []
        try await Daemon.run(watch + [interface], options: daemon, logger: logger)
        await host.close()
    }
}

/// What a person or a script needs to know of an interface that has started.
private struct ReadyInterface: Encodable {
    var hub: String
    var device: Int
    /// The UDP port of all connections.
    var udp: Int
    /// The pages; only where the hub is the interface's own.
    var interface: String?
    var remote: String?

    init(_ own: OwnHub?, hub: String?, device: Int, udp: Int) {
        let url = own?.url ?? hub ?? ""
        self.hub = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.device = device
        self.udp = udp
        interface = own.map { $0.url + $0.links.interface }
        remote = own.map { $0.url + $0.links.remote }
    }

    var text: String {
        guard let interface, let remote else {
            return
                "It is device \(device) of \(hub): \(hub)/interface/\(device) starts and stops it, \(hub)/remote/\(device) watches it."
        }
        return """
            The interface runs.

              Start and stop it  \(interface)
              Watch it           \(remote)

            Whoever has a link may do so for seven days. Ctrl-C stops it.
            """
    }
}
