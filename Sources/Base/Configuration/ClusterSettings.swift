import Foundation
import Settings

/// `cluster`: several bases over one set of units, each unit held by one of them by lease in etcd.
public struct ClusterSettings: Equatable, Sendable {
    /// The addresses of etcd's members, `http` or `https`, without a slash at the end; at least one.
    public var etcd: [String]
    /// What the names of all keys begin with, without a slash at the end.
    public var prefix = "/iot-base"
    /// Names this base among the others; nil: the machine's name and random digits, new each time.
    public var name: String?
    /// For so long nobody else gets the units of a base that is heard no more; whole seconds.
    public var lease = Duration.seconds(10)
    var credentials: EtcdCredentials?
    /// Where the password was found first: `cluster.password`, `IOT_ETCD_PASSWORD`.
    var passwordPlace: String?
    /// Whom to trust as a member of etcd.
    public var tls = TLSSettings()

    init?(_ reader: SettingsReader?, _ sources: SecretSources, _ warnings: inout [SettingsProblem]) {
        guard let reader else { return nil }
        defer { reader.finish() }
        etcd = Self.readAddresses(reader, &warnings)
        if let section = reader.map("tls") {
            tls = TLSSettings(section, sources, &warnings)
            if !etcd.isEmpty, etcd.allSatisfy({ $0.hasPrefix("http:") }) {
                reader.report(
                    "tls", "is for https addresses, and cluster.etcd has none; write https there, or leave tls out")
            }
        }
        prefix = reader.parsed("prefix", Self.checkedPrefix) ?? prefix
        name = reader.parsed("name", Self.checkedName)
        lease = reader.duration("lease", in: .seconds(3)...(.seconds(600))) ?? lease
        if lease.components.attoseconds != 0 {
            reader.report("lease", "must be whole seconds, as etcd takes them, not \(lease.settingsText)")
        }
        readCredentials(reader, sources, &warnings)
        guard !etcd.isEmpty else { return nil }
    }

    /// One attempt at one member: short enough that several fit into a lease.
    var attemptTimeout: Duration { min(.seconds(3), lease / 6) }
    /// The pause between two renewals.
    var renewalPause: Duration { lease / 4 }
    /// The pause between two looks at what the others do.
    var lookPause: Duration { min(.milliseconds(500), lease / 10) }

    private mutating func readCredentials(
        _ reader: SettingsReader, _ sources: SecretSources, _ warnings: inout [SettingsProblem]
    ) {
        let user = reader.string("user", maximumLength: 200)
        switch SecretKey.etcdPassword.read(reader, sources, &warnings) {
        case .found(let password, let place):
            passwordPlace = place
            if let user {
                credentials = EtcdCredentials(user: user, password: password)
            } else if reader.node("user") == nil {
                reader.report("user", "is missing; there is a password in \(place), and they go together")
            }
        case .missing:
            guard user != nil else { return }
            reader.report(
                "password",
                "is missing; user and password go together; \(SecretKey.etcdPassword.remedy(reader))")
        case .unusable: return
        }
    }

    private static func readAddresses(_ reader: SettingsReader, _ warnings: inout [SettingsProblem]) -> [String] {
        guard let elements = reader.list("etcd", maximumCount: 16) else {
            if reader.node("etcd") == nil {
                reader.report(
                    "etcd", "is missing; write the addresses of etcd's members, such as [\"http://127.0.0.1:2379\"]")
            }
            return []
        }
        if elements.isEmpty { reader.report("etcd", "is empty; write at least one address") }
        return elements.compactMap { element in
            guard let text = element.parsed(Self.checkedAddress) else { return nil }
            if text.hasPrefix("http:"), let host = URLComponents(string: text)?.host, !LoopbackHost.matches(host) {
                warnings.append(
                    SettingsProblem(
                        path: element.path,
                        message: "is not encrypted: who can write there decides which base has which unit; use https"))
            }
            return text
        }
    }

    private static func checkedAddress(_ text: String) throws(ClusterProblem) -> String {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil,
            parts.password == nil, ["", "/"].contains(parts.path), parts.port.map((1...65_535).contains) ?? true
        else { throw .address }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func checkedPrefix(_ text: String) throws(ClusterProblem) -> String {
        guard text.hasPrefix("/"), !text.hasSuffix("/"), text.utf8.count <= 200,
            text.utf8.allSatisfy({ isWord($0) || $0 == UInt8(ascii: "/") })
        else { throw .prefix }
        return text
    }

    private static func checkedName(_ text: String) throws(ClusterProblem) -> String {
        guard (1...100).contains(text.utf8.count), text.utf8.allSatisfy(isWord) else { throw .name }
        return text
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-_.".utf8.contains(byte)
        }
    }

    /// The name of this base: the one that is configured, else of this machine and this run.
    func name(of run: RunID) -> String {
        if let name { return name }
        let host = ProcessInfo.processInfo.hostName.utf8.prefix(60).map { Self.isWord($0) ? $0 : UInt8(ascii: "-") }
        return String(decoding: host, as: UTF8.self) + "-" + String(run.description.prefix(8))
    }
}

private enum ClusterProblem: Error, CustomStringConvertible {
    case address, prefix, name

    var description: String {
        switch self {
        case .address: "must be the http or https address of a member of etcd alone, such as http://127.0.0.1:2379"
        case .prefix: "must begin with a slash, not end with one, and have letters, digits, -, _, . and / alone"
        case .name: "must be 1 to 100 letters, digits, -, _ and ."
        }
    }
}
