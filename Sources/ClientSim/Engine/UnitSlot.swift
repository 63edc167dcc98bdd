import UnitProtocol

/// One unit as a worker has it: its firmware, what it measures, and what its connection is at.
struct UnitSlot {
    struct State: OptionSet {
        let rawValue: UInt8

        static let isPowered = State(rawValue: 1)
        /// Its sketch has come so far that it takes clients.
        static let hasBooted = State(rawValue: 2)
        /// The firmware waits for a client.
        static let wantsClient = State(rawValue: 4)
        static let isConnected = State(rawValue: 8)
        /// There may be something to read.
        static let isReadable = State(rawValue: 16)
        /// There is a pause before the next client is taken.
        static let pausesAccepting = State(rawValue: 32)
        /// It has read all that it may in one turn, and waits for its next one.
        static let awaitsTurn = State(rawValue: 64)
    }

    /// Its number in the fleet.
    let number: Int32
    let cohort: Int32
    var state: State = []
    var firmware: any UnitFirmware
    var signal: SignalGenerator
    var poweredAt = Duration.zero
    /// What the connection has had no room for.
    var unsent: [UInt8] = []
    /// How many of the firmware's bytes that stands for.
    var owed = 0
    /// Nil until a fault has hit it.
    var faults: UnitFaults?
}
