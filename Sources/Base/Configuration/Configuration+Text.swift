import Foundation
import Settings

extension Configuration {
    /// The configuration as a file could have it, with every key that has an effect; what is secret is hidden.
    var effectiveText: String {
        Self.text(of: effective, depth: 0)
    }

    private var effective: SettingsNode {
        Self.map([
            ("clients", .list(clients.map { .string("\($0)") })),
            ("allow", .list(allowed.networks.map { .string("\($0)") })),
            ("api", api.effective), ("pusher", pusher.effective), ("units", units.effective),
            ("commands", commands.effective), ("webhook", webhook.effective), ("outbox", outbox.effective),
            ("cluster", cluster?.effective), ("discovery", discovery?.effective),
            ("live", live?.effective), ("operations", operations.effective),
        ])
    }

    fileprivate static func map(_ entries: [(String, SettingsNode?)]) -> SettingsNode {
        .map(entries.compactMap { key, value in value.map { SettingsEntry(key: key, value: $0) } })
    }

    fileprivate static func hidden(_ secret: Secret) -> SettingsNode {
        .string("(hidden, \(secret.exposed.utf8.count) characters)")
    }

    fileprivate static func time(_ duration: Duration) -> SettingsNode { .string(duration.settingsText) }

    /// Maps with a line for each key, lists in one line.
    private static func text(of node: SettingsNode, depth: Int) -> String {
        switch node {
        case .null: return "null"
        case .bool(let flag): return "\(flag)"
        case .integer(let number): return "\(number)"
        case .double(let number): return "\(number)"
        case .string(let text): return quoted(text)
        case .list(let nodes): return "[" + nodes.map { Self.text(of: $0, depth: depth) }.joined(separator: ", ") + "]"
        case .map(let entries):
            let indent = String(repeating: "  ", count: depth)
            let lines = entries.map { "\(indent)  \(quoted($0.key)): \(text(of: $0.value, depth: depth + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}

extension APISettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("url", .string(url)), ("token", Configuration.hidden(token)),
            ("tls", tls == TLSSettings() ? nil : tls.effective),
        ])
    }
}

extension TLSSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("ca-file", authorityFile.map { .string($0) }),
            ("pins", pins.isEmpty ? nil : .list(pins.map { .string("\($0)") })),
            ("certificate", certificateFile.map { .string($0) }), ("key", keyFile.map { .string($0) }),
        ])
    }
}

extension PusherSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("app-key", .string(appKey)), ("auth", .string(authPath)), ("host", .string(host)),
            ("port", .integer(port)),
            ("tls", trust == TLSSettings() ? .bool(tls) : trust.effective),
            ("encryption", .string(encryption.rawValue)),
        ])
    }
}

extension UnitSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("period", Configuration.time(period)), ("idle-periods", .integer(idlePeriods)),
            ("connect-timeout", Configuration.time(connectTimeout)),
            ("backoff-min", Configuration.time(backoffMinimum)), ("backoff-max", Configuration.time(backoffMaximum)),
            ("stagger", Configuration.time(stagger)), ("start-rate", .integer(startRate)),
            ("silence-factor", .integer(silenceFactor)), ("silence-min", Configuration.time(silenceMinimum)),
            ("keepalive-idle", Configuration.time(keepaliveIdle)),
            ("keepalive-interval", Configuration.time(keepaliveInterval)),
            ("user-timeout", Configuration.time(userTimeout)), ("flap-count", .integer(flaps.count)),
            ("flap-time", Configuration.time(flaps.window)), ("probe-period", Configuration.time(flaps.probePeriod)),
            ("steady-time", Configuration.time(flaps.steadyTime)), ("rate", .integer(lineRate)),
            ("burst", .integer(lineBurst)), ("line-limit", .integer(lineLimit)),
        ])
    }
}

extension CommandSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("dwell", Configuration.time(dwell)), ("queue", .integer(queue)), ("timeout", Configuration.time(timeout)),
            ("ttl", Configuration.time(ttl ?? timeout)), ("newest-wins", .bool(newestWins)),
        ])
    }
}

extension WebhookSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("timeout", Configuration.time(timeout)), ("concurrency", .integer(concurrency)),
            ("order", .string(order.rawValue)), ("backlog-rate", .integer(backlogRate)),
            ("newest-only", .bool(coalesces)), ("breaker-failures", .integer(breakerFailures)),
            ("batch", .integer(batch)),
        ])
    }
}

extension OutboxConfiguration {
    fileprivate var effective: SettingsNode {
        let (sync, interval): (String, Duration?) =
            switch settings.sync {
            case .always: ("always", nil)
            case .interval(let interval): ("interval", interval)
            case .never: ("never", nil)
            }
        return Configuration.map([
            ("directory", .string(place)), ("sync", .string(sync)), ("sync-interval", interval.map(Configuration.time)),
            ("maximum-bytes", .integer(settings.maximumBytes)),
            ("maximum-age", settings.maximumAge.map(Configuration.time)),
            ("at-limit", .string(settings.atLimit.rawValue)), ("memory-records", .integer(settings.memoryRecords)),
            ("dead-letter-bytes", .integer(deadLetterBytes)),
        ])
    }
}

extension ClusterSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("etcd", .list(etcd.map { .string($0) })), ("prefix", .string(prefix)),
            ("name", name.map { .string($0) }), ("lease", Configuration.time(lease)),
            ("user", credentials.map { .string($0.user) }),
            ("password", credentials.map { Configuration.hidden($0.password) }),
            ("tls", tls == TLSSettings() ? nil : tls.effective),
        ])
    }
}

extension DiscoverySettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("sweep", networks.isEmpty ? nil : .list(networks.map { .string("\($0)") })), ("rate", .integer(rate)),
            ("every", Configuration.time(period)), ("timeout", Configuration.time(timeout)),
            ("listen", Configuration.time(listening)), ("mdns", .bool(usesMulticastDNS)),
            ("interface", interface.map { .string("\($0)") }),
        ])
    }
}

extension OperationsSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("listen", .string(listen.map { "\($0)" } ?? "off")), ("remote", .bool(allowsRemote)),
            ("needs-broker", .bool(needsBroker)), ("failing-limit", Configuration.time(failingLimit)),
        ])
    }
}

extension LiveSettings {
    fileprivate var effective: SettingsNode {
        Configuration.map([
            ("units", units.map { .list($0.map { .string("\($0)") }) }), ("host", .string(host)),
            ("port", .integer(port)),
            ("addresses", addresses.isEmpty ? nil : .list(addresses.map { .string($0) })),
            ("stun", stun.map { .string($0) }),
        ])
    }
}
