import NIOCore
import Settings

/// `operations`: where the base tells how it fares, and when it counts as ready.
public struct OperationsSettings: Equatable, Sendable {
    /// An IP address and a port.
    public struct Place: Equatable, Sendable, CustomStringConvertible {
        public var host: String
        public var port: Int

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// The units' port and 20 000: assigned to nobody, and below those that Linux gives to clients.
    public static let defaultPlace = Place(host: "127.0.0.1", port: 28_888)

    /// Nil: nothing is told.
    public var listen: Place? = defaultPlace
    /// Whether the place was written. One that is not is done without where another program has it.
    public var isListenWritten = false
    /// Whether others than this machine may ask. What is told is not encrypted and needs no password.
    public var allowsRemote = false
    /// Whether the base is ready only while it hears the broker.
    public var needsBroker = true
    /// A dashboard that has not answered for longer makes the base not ready.
    public var failingLimit = Duration.seconds(60)

    public init() {}

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        allowsRemote = reader.bool("remote") ?? allowsRemote
        needsBroker = reader.bool("needs-broker") ?? needsBroker
        failingLimit = reader.duration("failing-limit", in: .seconds(1)...(.seconds(86_400))) ?? failingLimit
        if let text = reader.string("listen", maximumLength: 100) {
            isListenWritten = true
            readListen(text, reader)
        }
        reader.finish()
    }

    private mutating func readListen(_ text: String, _ reader: SettingsReader) {
        guard text != "off" else {
            listen = nil
            return
        }
        guard let place = Self.place(text) else {
            reader.report("listen", "must be \"off\", or an address and a port such as \(Self.defaultPlace)")
            return
        }
        guard allowsRemote || LoopbackHost.matches(place.host) else {
            reader.report(
                "listen",
                "must be a loopback address such as \(Self.defaultPlace); \"remote\": true allows others, who then may "
                    + "read it without a password")
            return
        }
        listen = place
    }

    private static func place(_ text: String) -> Place? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard (try? SocketAddress(ipAddress: host, port: port)) != nil else { return nil }
        return Place(host: host, port: port)
    }
}
