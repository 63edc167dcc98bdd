import UnitProtocol

/// Units and their clients in memory, on a virtual clock: a client connects as soon as its unit listens, takes what comes, and
/// connects again a second after its connection has ended. A lamp's client sends a colour every five seconds.
struct VirtualNetwork: UnitNetwork {
    /// What happens between a unit and its client, in the words of the protocol.
    typealias Tell = (_ unit: Int, _ event: String) -> Void

    private struct Client {
        var listens = false
        var isWanted = false
        var isDeaf = false
        var isConnected = false
        /// Its unit does not know of the connection any more.
        var isForgotten = false
        var arrived: [UInt8] = []
        var commands = 0
    }

    private static let pause = Duration.seconds(1)
    private static let commandPause = Duration.seconds(5)

    private var clients: [Client] = []
    /// When clients connect, or send; never while they wait for their units.
    private var agenda: Agenda
    private var plans: [UnitPlan?] = []
    private let tell: Tell
    var now = Duration.zero

    init(units: Int, tell: @escaping Tell) {
        clients = Array(repeating: Client(), count: units)
        plans = Array(repeating: nil, count: units)
        agenda = Agenda(count: units)
        self.tell = tell
    }

    mutating func open(_ unit: Int, _ plan: UnitPlan) throws -> Int {
        plans[unit] = plan
        return plan.port
    }

    mutating func listen(_ unit: Int, _ plan: UnitPlan) throws {
        guard !clients[unit].listens else { return }
        clients[unit].listens = true
        tell(unit, "listens")
        if agenda[unit] == nil, !clients[unit].isConnected { agenda[unit] = now }
    }

    mutating func stopListening(_ unit: Int) {
        guard clients[unit].listens else { return }
        clients[unit].listens = false
        tell(unit, "refuses")
    }

    mutating func awaitClient(_ unit: Int) { clients[unit].isWanted = true }

    mutating func accept(_ unit: Int) -> Accepted {
        guard !clients[unit].isConnected else { return .none }
        clients[unit].isWanted = false
        clients[unit].isConnected = true
        agenda[unit] = plans[unit]?.kind == .updatable ? now + Self.commandPause : nil
        tell(unit, "connected")
        return .client
    }

    mutating func receive(_ unit: Int, atMost room: Int) -> Received {
        let bytes = clients[unit].arrived.prefix(room)
        guard !bytes.isEmpty else { return .nothing }
        clients[unit].arrived.removeFirst(bytes.count)
        return .bytes(Array(bytes))
    }

    mutating func send(_ unit: Int, _ bytes: ArraySlice<UInt8>) -> Int {
        tell(unit, "sent " + Self.text(bytes))
        return bytes.count
    }

    mutating func end(_ unit: Int, _ ending: Ending) {
        guard clients[unit].isConnected else { return }
        clients[unit].isConnected = false
        clients[unit].arrived = []
        tell(unit, "\(ending)")
        agenda[unit] = now + Self.pause
    }

    mutating func setDeaf(_ unit: Int, _ isDeaf: Bool) {
        guard clients[unit].isDeaf != isDeaf else { return }
        clients[unit].isDeaf = isDeaf
        tell(unit, isDeaf ? "hears nothing" : "hears again")
    }

    mutating func answerVanished(_ unit: Int) {}

    /// What is to happen to a unit now by its client's doing.
    enum Move: Equatable {
        case connects
        case sends
    }

    /// When a client moves next.
    var nextAt: Duration? {
        mutating get { agenda.next }
    }

    /// The units whose clients move now.
    mutating func due() -> [Int] { agenda.due(by: now) }

    /// The client of a unit does what is due.
    mutating func move(_ unit: Int) -> Move? {
        guard let at = agenda[unit], at <= now else { return nil }
        if clients[unit].isConnected {
            agenda[unit] = now + Self.commandPause
            guard !clients[unit].isDeaf else { return nil }
            let hues = ["#f00", "#0f0", "#00f", "white", "black"]
            clients[unit].arrived += Array((hues[clients[unit].commands % hues.count] + "\r").utf8)
            clients[unit].commands += 1
            return .sends
        }
        // Refused, unanswered or not served yet: it tries again.
        agenda[unit] = now + Self.pause
        return clients[unit].listens && !clients[unit].isDeaf && clients[unit].isWanted ? .connects : nil
    }

    /// Printable ASCII as it is, all else as hexadecimal, long ones cut.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let shown = bytes.prefix(60).map { byte in
            (0x20...0x7E).contains(byte) && byte != 0x5C
                ? String(UnicodeScalar(byte)) : "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return shown.joined() + (bytes.count > 60 ? "… \(bytes.count) bytes" : "")
    }
}
