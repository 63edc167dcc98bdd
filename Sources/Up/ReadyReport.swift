import UnitProtocol

/// What a person, or with `--json` a script, needs to know once everything runs.
struct ReadyReport: Equatable, Sendable, Encodable {
    /// What is known of the user's password.
    enum Password: Equatable, Sendable {
        case known(String)
        /// The user has another one than the hub gave.
        case changed
        /// It was lost; the hub keeps its state in that directory.
        case unknown(hub: String)

        var known: String? {
            if case .known(let text) = self { text } else { nil }
        }

        fileprivate var text: String {
            switch self {
            case .known(let text): text
            case .changed: "as you set it"
            case .unknown(let hub): "not known here; iot hub user password --state \(hub) makes a new one"
            }
        }
    }

    struct Admin: Equatable, Sendable, Encodable {
        var user: String
        var password: Password

        enum CodingKeys: CodingKey {
            case user, password
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(user, forKey: .user)
            try container.encode(password.known, forKey: .password)
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
              Password   \(admin.password.text)

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
