import ESPLoader
import SerialPort

/// A board that is in its loader, and what it has said of itself.
struct Board {
    let loader: any Loader
    let chip: ChipIdentity
    let crystal: Crystal
    let flash: FlashIdentity

    /// How a board is met.
    struct Meeting: Sendable {
        var baud: Int
        /// Empty where the board is in its loader already.
        var resets: [ResetSequence]
        var attempts: Int
        var checksChip: Bool
        /// Whether our stub is loaded; otherwise the ROM's loader does all.
        var usesStub: Bool
        var isTraced: Bool
    }

    private static let mostMeetings = 3

    /// Opens the port, brings the chip into its loader, and asks who it is.
    ///
    /// - Parameter note: Takes what the user should know.
    static func meet(
        _ address: SerialAddress, _ meeting: Meeting, cancellation: Cancellation, note: @escaping (String) -> Void
    ) throws(FlashError) -> Board {
        let port: any SerialPort
        // A stub that runs already has the speed that it was given.
        let isFresh = meeting.usesStub && !meeting.resets.isEmpty
        let first = isFresh ? min(meeting.baud, StubBackEnd.fastestFirst) : meeting.baud
        do {
            port = try address.open(baud: first)
        } catch {
            throw .port(error)
        }
        do throws(FlashError) {
            let trace = meeting.isTraced ? LoaderTrace(name: port.name) : nil
            let link = LoaderLink(port: port, baud: first, cancellation: cancellation, trace: trace)
            for _ in 1..<mostMeetings {
                let loader = try loader(link, meeting, note)
                do throws(FlashError) {
                    return try Board(loader, meeting)
                } catch .unanswered {
                    // It answered to SYNC; perhaps it has restarted since.
                }
            }
            return try Board(loader(link, meeting, note), meeting)
        } catch {
            port.close()
            throw error
        }
    }

    /// Connects, and loads our stub where it is wanted and does not run already; without it the ROM's loader serves.
    private static func loader(
        _ link: LoaderLink, _ meeting: Meeting, _ note: @escaping (String) -> Void
    ) throws(FlashError) -> any Loader {
        if !meeting.resets.isEmpty, link.baud > StubBackEnd.fastestFirst, meeting.usesStub {
            try link.set(baud: StubBackEnd.fastestFirst)
        }
        let isStub = try link.connect(resets: meeting.resets, attempts: meeting.attempts)
        if isStub, meeting.usesStub, let stub = try StubBackEnd.found(link, resets: meeting.resets, note: note) {
            try speedUp(stub, meeting, note)
            return stub
        }
        if isStub { try StubBackEnd.end(link, resets: meeting.resets, attempts: meeting.attempts) }
        guard meeting.usesStub else { return try ROMBackEnd(link: link, resets: meeting.resets) }
        try checkChip(link.register(ChipIdentity.magic.register), link, meeting)
        // A line that has damaged the stub is no line for the ROM's commands, which carry no checksum: that is an error.
        if let stub = try StubBackEnd.loaded(link, resets: meeting.resets, note: note) {
            try speedUp(stub, meeting, note)
            return stub
        }
        note("the stub does not run: going on with the ROM's loader")
        let resets = meeting.resets.isEmpty ? ResetSequence.intoLoader : meeting.resets
        if try link.connect(resets: resets, attempts: meeting.attempts) {
            try StubBackEnd.end(link, resets: resets, attempts: meeting.attempts)
        }
        return try ROMBackEnd(link: link, resets: meeting.resets)
    }

    /// From the speed at which the ROM's loader is met to the one that was asked for.
    private static func speedUp(
        _ stub: StubBackEnd, _ meeting: Meeting, _ note: (String) -> Void
    ) throws(FlashError) {
        let first = StubBackEnd.fastestFirst
        guard stub.link.baud == first, meeting.baud > first, try !stub.change(baud: meeting.baud) else { return }
        note("nothing is heard at \(meeting.baud) baud: going on with \(first)")
        try stub.link.set(baud: first)
        try stub.meetAgain()
    }

    private static func checkChip(_ magic: UInt32, _ link: LoaderLink, _ meeting: Meeting) throws(FlashError) {
        guard magic == ChipIdentity.magic.value || !meeting.checksChip else {
            throw .otherChip(port: link.port.name, found: magic)
        }
    }

    private init(_ loader: any Loader, _ meeting: Meeting) throws(FlashError) {
        let link = loader.link
        let words = try loader.registers(
            [ChipIdentity.magic.register] + ChipIdentity.registers + [Crystal.uartDivider])
        try Self.checkChip(words[0], link, meeting)
        guard let chip = ChipIdentity(eFuses: Array(words[1..<words.count - 1])) else {
            throw .unanswered(port: link.port.name, what: "tell its MAC address")
        }
        self.chip = chip
        self.loader = loader
        crystal = Crystal(baud: link.baud, divider: words[words.count - 1])
        guard let flash = FlashIdentity(try loader.answer(.readIdentity, to: "its flash's id")) else {
            throw .unanswered(port: link.port.name, what: "tell its flash's id")
        }
        self.flash = flash
        (loader as? StubBackEnd)?.flashBytes = flash.size
        try loader.giveControllerBack()
    }

    /// The flash's size in bytes.
    ///
    /// - Parameter named: What the user says it is, where the flash does not say it in a way that is known.
    func flashSize(named: FlashSize? = nil) throws(FlashError) -> Int {
        guard flash.isPresent else { throw .noFlash(port: loader.link.port.name, id: flash.text) }
        guard let size = flash.size ?? named?.bytes else {
            throw .unknownSize(port: loader.link.port.name, id: flash.text)
        }
        return size
    }

    /// What becomes of the board when the work is done.
    enum After: String, CaseIterable, Sendable {
        case hardReset = "hard-reset"
        case noReset = "no-reset"

        /// What has become of the board.
        var told: String {
            switch self {
            case .hardReset: "the board was started"
            case .noReset: "the board stays in its loader"
            }
        }
    }

    func leave(_ after: After) throws(FlashError) {
        switch after {
        case .noReset: try loader.giveControllerBack()
        case .hardReset where loader.link.port.hasModemLines: try loader.link.play(.hard)
        case .hardReset: try loader.runFlash()
        }
    }

    func close() {
        loader.link.port.close()
    }
}
