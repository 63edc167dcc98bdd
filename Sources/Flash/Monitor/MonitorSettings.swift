import SerialPort

/// How a board is listened to.
struct MonitorSettings: Sendable {
    var address: SerialAddress
    /// What becomes of the board at the beginning.
    enum Start {
        case untouched
        case reset
        /// Another part has started it where the port has no modem lines.
        case resetIfPossible
    }

    /// The sketch's speed (bits a second).
    var baud: Int
    /// The ROM's; nil where its log is not asked for.
    var bootBaud: Int?
    var start = Start.untouched
    /// Nil: on a terminal.
    var reconnects: Bool?
    var showsTimestamps = false
    var showsHex = false
    var isRaw = false
    var include: [String] = []
    var exclude: [String] = []
    var echoes = false
    var lineEnding = LineEnding.lf
    var log: String?
    /// Whether resets and crashes are put in words.
    var explains = true
    var elf: String?
}
