import UnitProtocol

/// What a person, or with `--json` a script, needs to know once everything runs.
struct ReadyReport: Equatable, Sendable, Encodable {
    struct Admin: Equatable, Sendable, Encodable {
        var user: String
        /// Nil when the user has changed it.
        var password: String?

        enum CodingKeys: CodingKey {
            case user, password
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(user, forKey: .user)
            try container.encode(password, forKey: .password)
        }
    }

    /// The hub's URL.
    var hub: String
    /// A token for the hub's JSON API.
    var token: String
    var admin: Admin
    var units: [SystemPlan.Unit]

    /// The same for a terminal.
    var text: String {
        let width = units.map(\.name.count).max() ?? 0
        let table = units.map { unit in
            let kind = unit.kind == .read ? "read unit" : "lamp"
            return "    \(unit.name.padded(to: width))  \(unit.address.description.padded(to: 15))  \(kind)"
        }
        return """
            The system runs.

              Dashboard  \(hub)
              User       \(admin.user)
              Password   \(admin.password ?? "as you set it")

              Units, on port \(UnitPort.firmware):
            \(table.joined(separator: "\n"))

            Ctrl-C stops it.
            """
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
