import UnitProtocol

/// The names of what the bases keep in etcd.
struct ClusterKeys: Equatable, Sendable {
    /// Without a slash at the end.
    let prefix: String

    var bases: String { "\(prefix)/bases/" }
    var units: String { "\(prefix)/units/" }

    func base(_ name: String) -> String { bases + name }
    func unit(_ address: IPv4Address) -> String { "\(units)\(address)" }

    /// Nil where the key is none of a base.
    func baseName(of key: String) -> String? {
        key.hasPrefix(bases) ? String(key.dropFirst(bases.count)) : nil
    }

    /// Nil where the key is none of a unit.
    func unit(of key: String) -> IPv4Address? {
        key.hasPrefix(units) ? try? IPv4Address(String(key.dropFirst(units.count))) : nil
    }
}
