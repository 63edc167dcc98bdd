/// What both sketches share: boot, one client at a time, letting it go.
struct UnitLoop: Sendable {
    enum Phase: Sendable {
        case off
        case booting
        case idle
        /// A connection is there, but the loop has not come round to it.
        case taken
        case serving
    }

    let profile: FirmwareProfile
    private(set) var phase = Phase.off
    private(set) var client = ServedClient()
    private var boot: Boot
    private(set) var wakesAt: Duration?

    init(profile: FirmwareProfile, station: WiFiStation) {
        self.profile = profile
        self.boot = Boot(station: station)
    }

    var receiveRoom: Int {
        max(0, profile.receiveWindowBytes - client.unreadCount)
    }

    var isConnected: Bool { client.isConnected(profile) }

    /// Whether the time has come that the last wake named; asked once for each ``UnitInput/wake``.
    mutating func wakes(at now: Duration) -> Bool {
        guard let wakesAt, now >= wakesAt else { return false }
        self.wakesAt = nil
        return true
    }

    mutating func wake(at time: Duration, _ actions: inout [UnitAction]) {
        wakesAt = time
        actions.append(.wake(at: time))
    }

    mutating func on(_ input: UnitInput, at now: Duration, _ actions: inout [UnitAction]) {
        switch (input, phase) {
        case (.powered, .off):
            phase = .booting
            continueBoot(boot.start(at: now, &actions), &actions)
        case (.wake, .booting):
            continueBoot(boot.step(at: now, &actions), &actions)
        case (.accepted, .idle):
            client = ServedClient()
            phase = .taken
            wake(at: now + FirmwareProfile.loopPass, &actions)
        case (.wake, .taken):
            take(&actions)
        case (.received(let bytes), .taken), (.received(let bytes), .serving):
            client.receive(bytes)
        case (.peerClosed, .taken), (.peerClosed, .serving):
            client.peerHasClosed = true
        case (.reset, .taken), (.reset, .serving):
            client.wasReset = true
        default:
            break
        }
    }

    mutating func read(_ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        client.read(take)
    }

    /// The serve loop has ended: the sketch stops the client and looks for the next one.
    mutating func finish(_ actions: inout [UnitAction]) {
        actions.append(.close)
        actions.append(.console("Client disconnected"))
        becomeIdle(&actions)
    }

    private mutating func take(_ actions: inout [UnitAction]) {
        guard client.isTruthy(profile) else {
            actions.append(.close)
            becomeIdle(&actions)
            return
        }
        guard isConnected else {
            finish(&actions)
            return
        }
        actions.append(.console("Client Connected"))
        phase = .serving
    }

    private mutating func continueBoot(_ next: Duration?, _ actions: inout [UnitAction]) {
        if let next {
            wake(at: next, &actions)
        } else {
            becomeIdle(&actions)
        }
    }

    private mutating func becomeIdle(_ actions: inout [UnitAction]) {
        phase = .idle
        client = ServedClient()
        wakesAt = nil
        actions.append(.accept)
    }
}
