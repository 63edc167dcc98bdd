import UnitProtocol

/// Asks the network for units by multicast DNS, and keeps what it answers as long as that is valid.
///
/// A value without I/O. Queries go out 1 s after one another at first, then with doubling pauses up to an hour (RFC 6762,
/// 5.2); each carries what is known already (7.1), and asks for what is missing of an instance.
struct ServiceBrowser: Sendable {
    /// The most instances and addresses of hosts that are kept; further ones are not heard.
    static let limit = 1024
    static let shortestPause = Duration.seconds(1)
    /// How often what is missing of an instance is asked for.
    static let resolveAttempts = 3
    /// The most known answers of one query: they fit into a packet.
    private static let knownAnswers = 16
    private static let questionsAtOnce = 12
    /// The most addresses of one host.
    private static let addressLimit = 16
    /// The longest time for which a record is believed, whatever it says.
    private static let longestLife = 86_400

    enum Action: Equatable, Sendable {
        case send([UInt8])
        /// An instance that is complete and new, or has changed.
        case found(AnnouncedUnit)
        /// Call ``wake(at:)`` then; it replaces the last one.
        case wake(Duration)
    }

    private struct Valid<Value: Sendable>: Sendable {
        var value: Value
        var from: Duration
        var until: Duration
    }

    private struct Instance: Sendable {
        var pointer: Valid<DNSName>
        var server: Valid<(port: UInt16, target: DNSName)>?
        var kind: Valid<FoundUnit.Kind>?
        var told: AnnouncedUnit?
        var attempts = 0
    }

    let service: DNSName
    private var instances: [DNSName: Instance] = [:]
    private var hosts: [DNSName: [IPv4Address: Valid<Void>]] = [:]
    private var backoff = Backoff(minimum: shortestPause, maximum: .seconds(3600), jitter: 0)
    private var asksAt: Duration
    private var resolvesAt: Duration?
    private var forgotAt: Duration?

    /// - Parameters:
    ///   - service: Such as `_iot-unit._tcp.local`.
    ///   - random: From 0 to 1; the first query waits from 20 to 120 ms (RFC 6762, 5.2).
    init(service: DNSName, at now: Duration, random: Double) {
        self.service = service
        asksAt = now + .milliseconds(20) + .milliseconds(100) * random
    }

    /// Sends what is due.
    mutating func wake(at now: Duration) -> [Action] {
        forget(at: now)
        var actions: [Action] = []
        if now >= asksAt {
            actions.append(.send(query(at: now)))
            asksAt = now + backoff.next()
        }
        if let moment = resolvesAt, now >= moment {
            resolvesAt = nil
            let questions = missing()
            if !questions.isEmpty {
                actions.append(.send(DNSMessage(questions: questions).encoded))
                resolvesAt = now + Self.shortestPause
            }
        }
        return actions + [nextWake]
    }

    private var nextWake: Action { .wake(min(asksAt, resolvesAt ?? asksAt)) }

    /// Takes a datagram that came from port 5353; what is no answer, or none that can be read, changes nothing.
    mutating func receive(_ bytes: [UInt8], at now: Duration) -> [Action] {
        guard let message = try? DNSMessage(bytes), message.isResponse, message.opcode == 0, message.responseCode == 0
        else { return [nextWake] }
        forget(at: now)
        let records = (message.answers + message.additionals).filter(\.isInternet)
        var touched: Set<DNSName> = []
        // Each kind names the next: first what instances there are, then where, then the addresses.
        for type in [DNSRecord.Kind.ptr, DNSRecord.Kind.srv, DNSRecord.Kind.txt] {
            for record in records where record.type == type { touched.formUnion(take(record, at: now)) }
        }
        touched.formUnion(takeAddresses(records, at: now))
        let found = news(of: touched)
        if resolvesAt == nil, touched.contains(where: { !questions(about: $0).isEmpty }) {
            resolvesAt = now + .milliseconds(100)
        }
        return found.map(Action.found) + [nextWake]
    }

    /// - Returns: The instance of which it tells, where one is kept.
    private mutating func take(_ record: DNSRecord, at now: Duration) -> [DNSName] {
        let until = Self.end(of: record, at: now)
        switch record.contents {
        case .ptr(let name):
            guard record.name == service, name.isChild(of: service) else { return [] }
            let isKnown = instances[name] != nil
            guard isKnown || (record.timeToLive > 0 && instances.count < Self.limit) else { return [] }
            let pointer = Valid(value: name, from: now, until: until)
            if isKnown { instances[name]?.pointer = pointer } else { instances[name] = Instance(pointer: pointer) }
            return [name]
        case .srv(_, _, let port, let target):
            instances[record.name]?.server = Valid(value: (port, target), from: now, until: until)
        case .txt(let strings):
            instances[record.name]?.kind = Valid(value: Self.kind(strings), from: now, until: until)
        case .a, .other:
            return []
        }
        return instances[record.name] == nil ? [] : [record.name]
    }

    /// - Returns: The instances that are at hosts of which an address is told.
    private mutating func takeAddresses(_ records: [DNSRecord], at now: Duration) -> [DNSName] {
        let named = Set(records.filter { $0.type == DNSRecord.Kind.a }.map(\.name))
        guard !named.isEmpty else { return [] }
        let served = instances.filter { $0.value.server.map { named.contains($0.value.target) } ?? false }
        let targets = Set(served.values.compactMap { $0.server?.value.target })
        for record in records where targets.contains(record.name) {
            if case .a(let address) = record.contents { take(address, of: record, at: now) }
        }
        return Array(served.keys)
    }

    private mutating func take(_ address: IPv4Address, of record: DNSRecord, at now: Duration) {
        var addresses = hosts[record.name] ?? [:]
        if record.flushesOthers {
            // Older than a second: what came in the same answer stays (RFC 6762, 10.2).
            addresses = addresses.filter { $0.value.from > now - .seconds(1) }
        }
        if addresses[address] != nil || addresses.count < Self.addressLimit {
            addresses[address] = Valid(value: (), from: now, until: Self.end(of: record, at: now))
        }
        hosts[record.name] = addresses
    }

    /// A record that is taken back stays for a second (RFC 6762, 10.1).
    private static func end(of record: DNSRecord, at now: Duration) -> Duration {
        now + .seconds(min(max(1, Int(record.timeToLive)), longestLife))
    }

    /// The first `kind=` counts, and keys have no case (RFC 6763, 6.4).
    private static func kind(_ strings: [[UInt8]]) -> FoundUnit.Kind {
        let pairs = strings.map { String(decoding: $0, as: UTF8.self).split(separator: "=", maxSplits: 1) }
        let value = pairs.first { $0.first?.lowercased() == "kind" }?.dropFirst().first.map(String.init)
        return value.flatMap(FoundUnit.Kind.init) ?? .unknown
    }

    /// Looks at everything that is kept, so not at each datagram of a flood.
    private mutating func forget(at now: Duration) {
        if let forgotAt, now < forgotAt + .seconds(1) { return }
        forgotAt = now
        instances = instances.filter { $0.value.pointer.until > now }
        for (name, instance) in instances {
            if let server = instance.server, server.until <= now { instances[name]?.server = nil }
            if let kind = instance.kind, kind.until <= now { instances[name]?.kind = nil }
        }
        let targets = Set(instances.values.compactMap { $0.server?.value.target })
        hosts = hosts.filter { targets.contains($0.key) }
            .mapValues { $0.filter { $0.value.until > now } }.filter { !$0.value.isEmpty }
    }

    private mutating func news(of names: Set<DNSName>) -> [AnnouncedUnit] {
        var news: [AnnouncedUnit] = []
        for name in names.sorted(by: { "\($0)" < "\($1)" }) {
            guard let instance = instances[name], let server = instance.server?.value,
                server.port == UInt16(UnitPort.firmware),
                let addresses = hosts[server.target]?.keys.sorted(), !addresses.isEmpty
            else { continue }
            let unit = AnnouncedUnit(
                name: Self.printable(name.labels[0]), kind: instance.kind?.value ?? .unknown, addresses: addresses)
            guard unit != instance.told else { continue }
            instances[name]?.told = unit
            news.append(unit)
        }
        return news
    }

    /// Without control characters; what is no UTF-8 in it is replaced.
    private static func printable(_ label: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: label, as: UTF8.self).unicodeScalars.filter {
                    $0.properties.generalCategory != .control
                }))
    }

    private func query(at now: Duration) -> [UInt8] {
        // What has less than half of its time left is asked for anew (RFC 6762, 7.1).
        let known = instances.values.map(\.pointer).filter { $0.until - now > (now - $0.from) }
            .sorted { "\($0.value)" < "\($1.value)" }
        let answers = known.prefix(Self.knownAnswers).map { pointer in
            DNSRecord(
                name: service, timeToLive: UInt32((pointer.until - now).components.seconds),
                contents: .ptr(pointer.value))
        }
        let question = DNSQuestion(name: service, type: DNSRecord.Kind.ptr)
        return DNSMessage(questions: [question], answers: Array(answers)).encoded
    }

    /// Asks for what is not known of instances, a few of them at a time.
    private mutating func missing() -> [DNSQuestion] {
        var all: [DNSQuestion] = []
        for name in instances.keys {
            guard all.count < Self.questionsAtOnce else { break }
            let questions = questions(about: name)
            if !questions.isEmpty { instances[name]?.attempts += 1 }
            all += questions
        }
        return all
    }

    private func questions(about name: DNSName) -> [DNSQuestion] {
        guard let instance = instances[name], instance.attempts < Self.resolveAttempts else { return [] }
        var questions: [DNSQuestion] = []
        if let server = instance.server {
            if hosts[server.value.target] == nil {
                questions.append(DNSQuestion(name: server.value.target, type: DNSRecord.Kind.a))
            }
        } else {
            questions.append(DNSQuestion(name: name, type: DNSRecord.Kind.srv))
        }
        if instance.kind == nil { questions.append(DNSQuestion(name: name, type: DNSRecord.Kind.txt)) }
        return questions
    }
}
