import SerialPort

/// A port whose other end is a closure: it hears what the host does and gives bytes back.
final class ScriptedPort: SerialPort {
    enum Deed: Equatable {
        case baud(Int)
        case lines(dtr: Bool?, rts: Bool?)
        case sent([UInt8])
    }

    let name = "/dev/scripted"
    let hasModemLines: Bool
    var isLostAtChangeOfSpeed = false
    private(set) var deeds: [Deed] = []
    private var pending: [UInt8] = []
    private let answer: (Deed) -> [UInt8]

    init(hasModemLines: Bool, answer: @escaping (Deed) -> [UInt8]) {
        self.hasModemLines = hasModemLines
        self.answer = answer
    }

    private func note(_ deed: Deed) {
        deeds.append(deed)
        pending += answer(deed)
    }

    func set(baud: Int) throws(SerialError) {
        guard !isLostAtChangeOfSpeed else { throw SerialError(name, .lost) }
        note(.baud(baud))
    }
    func set(dtr: Bool?, rts: Bool?) { note(.lines(dtr: dtr, rts: rts)) }
    func write(_ bytes: [UInt8], within limit: Duration) { note(.sent(bytes)) }
    func discardInput() { pending = [] }
    func close() {}

    func read(within limit: Duration) -> [UInt8] {
        defer { pending = [] }
        return pending
    }
}
