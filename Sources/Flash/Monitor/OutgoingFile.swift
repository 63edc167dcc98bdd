/// A file on its way to a board, as fast as the line's speed allows and no faster. Pure.
struct OutgoingFile {
    let name: String
    let count: Int
    private var rest: ArraySlice<UInt8>
    /// The line is busy until then with what was handed out.
    private var busyUntil: Duration

    /// A start bit, eight bits and a stop bit.
    private static let bitsPerByte = 10
    /// What is not sent for so long is made up for; the rest is not.
    private static let arrears = Duration.milliseconds(50)

    init(name: String, bytes: [UInt8], at now: Duration) {
        self.name = name
        count = bytes.count
        rest = bytes[...]
        busyUntil = now
    }

    /// How many bytes were handed out.
    var sent: Int { count - rest.count }
    var isSent: Bool { rest.isEmpty }

    /// What the line has room for; empty while it is busy.
    ///
    /// - Parameter baud: The line's speed (bits a second).
    mutating func next(at now: Duration, baud: Int) -> [UInt8] {
        let perByte = Duration.nanoseconds(1_000_000_000 * Self.bitsPerByte / baud)
        busyUntil = max(busyUntil, now - max(Self.arrears, perByte * 2))
        let room = max(0, Int((now - busyUntil) / perByte))
        let piece = rest.prefix(room)
        rest = rest.dropFirst(piece.count)
        busyUntil += perByte * piece.count
        return Array(piece)
    }
}
