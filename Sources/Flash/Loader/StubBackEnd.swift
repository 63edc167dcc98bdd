import ESPLoader

/// Our own stub in the chip's memory: it erases and writes while data arrives, tells digests of sectors, and checks every
/// frame, so that nothing needs to be read twice.
final class StubBackEnd: Loader {
    let link: LoaderLink
    var state = FlashState()
    /// How the board is restarted into its loader when it has left it in mid-work.
    let resets: [ResetSequence]
    let tellsDigests = true
    var onTrouble: (String) -> Void
    /// The last job's name. Another process may have named its own before.
    var jobs = UInt16.random(in: 0 ... .max)
    /// The flash's size by its id (bytes); nil until it has told.
    var flashBytes: Int?
    /// Sectors of which is known, by a digest, that they hold what was to be written.
    var proven: Set<Int> = []
    private(set) var isSlower = false

    /// Failures in a row without progress.
    static let mostFailures = 5
    private static let mostUploads = 2
    private static let baudChange = Duration.milliseconds(30)
    /// By the data sheets of large flashes.
    private static let eraseAllLimit = Duration.seconds(200)
    private static let busyPause = Duration.milliseconds(50)
    private static let changeLimit = Duration.seconds(10)
    private static let memoryBlock = 0x800
    private static let slowest = 115_200
    /// What the ROM's loader is asked to take up; from there on the stub goes on.
    static let fastestFirst = 921_600

    private init(link: LoaderLink, resets: [ResetSequence], note: @escaping (String) -> Void) {
        onTrouble = note
        self.link = link
        self.resets = resets
    }

    /// The stub that runs already.
    ///
    /// - Returns: Nil where it is another one.
    static func found(
        _ link: LoaderLink, resets: [ResetSequence], note: @escaping (String) -> Void
    ) throws(FlashError) -> StubBackEnd? {
        let stub = StubBackEnd(link: link, resets: resets, note: note)
        return try stub.isReady() ? stub : nil
    }

    /// Loads the stub through the ROM's loader, which answers.
    ///
    /// - Returns: Nil where it was taken, and does not run.
    /// - Throws: ``FlashError/unanswered(port:what:)`` and ``FlashError/refused(port:what:_:)`` where the line is too bad for it.
    static func loaded(
        _ link: LoaderLink, resets: [ResetSequence], note: @escaping (String) -> Void
    ) throws(FlashError) -> StubBackEnd? {
        let stub = StubBackEnd(link: link, resets: resets, note: note)
        do throws(FlashError) {
            try upload(link)
            if try stub.isReady() { return stub }
        } catch  where error.mayPass && stub.canSlowDown {
            // The ROM takes up whatever speed it is met at.
            note(stub.tellSlower())
            try link.set(baud: link.baud / 2)
        }
        return try stub.reload() ? stub : nil
    }

    private static func isRunning(_ link: LoaderLink) throws(FlashError) -> Bool {
        var sequence = ExchangeSequence(.stubHello, within: .seconds(1), tries: LoaderLink.tries)
        guard case .answered(let response) = try link.run(&sequence), response.data.count == 12 else { return false }
        let program = StubProgram.current
        return Array(response.data.prefix(4)) == Hex.bytes(program.version)
            && Array(response.data.suffix(4)) == Hex.bytes(program.checksum)
    }

    /// Whether it runs, with a flash that takes commands.
    private func isReady() throws(FlashError) -> Bool {
        guard try Self.isRunning(link) else { return false }
        try awaitFlash(note: "the flash is still at work on an erase that was cut off: waiting for it")
        return true
    }

    private static func upload(_ link: LoaderLink) throws(FlashError) {
        let (program, what) = (StubProgram.current, "take the stub")
        let data = program.segment.data
        let starts = Array(stride(from: 0, to: data.count, by: memoryBlock))
        try link.ask(
            .memoryBegin(
                size: UInt32(data.count), blocks: UInt32(starts.count), blockSize: UInt32(memoryBlock),
                address: program.segment.address), to: what)
        let limit = LoaderLink.shortLimit + .microseconds(2 * memoryBlock * 10 * 1_000_000 / max(1, link.baud))
        for (index, start) in starts.enumerated() {
            let block = Array(data[start..<min(data.count, start + memoryBlock)])
            try link.ask(
                .memoryData(sequence: UInt32(index), data: block), to: what, within: limit, tries: LoaderLink.tries)
        }
        var sequence = StubStartSequence(entry: program.entry)
        switch try link.run(&sequence) {
        // Whether it runs without having been heard, the next question tells.
        case .greeted, .silent: break
        case .refused(let refusal): throw .refused(port: link.port.name, what: "run the stub", refusal)
        }
    }

    /// After a failure: the stub may be out of step, or the chip may have restarted.
    func meetAgain() throws(FlashError) {
        guard try reload() else { throw .unanswered(port: link.port.name, what: "run the stub") }
    }

    /// - Returns: False where the stub was taken, and is silent.
    private func reload() throws(FlashError) -> Bool {
        var isStub: Bool
        do throws(FlashError) {
            isStub = try link.connect(resets: [], attempts: 2)
        } catch .noAnswer where !resets.isEmpty {
            isStub = try restart()
        }
        for attempt in 1...Self.mostUploads {
            if isStub {
                if try isReady() { return true }
                isStub = try restart()
            }
            do throws(FlashError) {
                try Self.upload(link)
                if try isReady() { return true }
            } catch {
                guard attempt < Self.mostUploads, error.mayPass else { throw error }
            }
            if attempt < Self.mostUploads { isStub = try restart() }
        }
        return false
    }

    /// - Returns: Whether a stub answers in the loader's place.
    private func restart() throws(FlashError) -> Bool {
        if link.baud > Self.fastestFirst { try link.set(baud: Self.fastestFirst) }
        let isStub = try link.connect(resets: resets, attempts: Self.mostFailures)
        // Without modem lines nothing has ended it; one that was damaged on its way takes no other in its place.
        if isStub, try !Self.isRunning(link) {
            try Self.end(link, resets: resets, attempts: Self.mostFailures)
            return false
        }
        return isStub
    }

    /// Ends a stub that another tool has left in memory, which erases and writes by other rules, or one that is damaged.
    ///
    /// - Throws: ``FlashError/unanswered(port:what:)`` where it does not end.
    static func end(_ link: LoaderLink, resets: [ResetSequence], attempts: Int) throws(FlashError) {
        try link.ask(
            .flashBegin(eraseSize: 0, blocks: 0, blockSize: 0x400, offset: 0, isStub: true), to: "end its stub")
        try link.ask(.flashEnd(reboot: true), to: "end its stub", tries: 1)
        let resets = resets.isEmpty ? ResetSequence.intoLoader : resets
        guard try !link.connect(resets: resets, attempts: attempts) else {
            throw .unanswered(port: link.port.name, what: "end its stub")
        }
    }

    /// Runs `body`, and once more after each time that the chip had to be met again; nothing in it may do harm twice.
    func persistently<Value>(_ body: () throws(FlashError) -> Value) throws(FlashError) -> Value {
        for failures in 1..<3 {
            do throws(FlashError) {
                return try body()
            } catch  where error.mayPass {
                // Once may be a restart; twice is the line.
                if failures > 1, canSlowDown { try slowDown() } else { try meetAgain() }
            }
        }
        return try body()
    }

    /// Waits for a flash that is at work.
    ///
    /// - Parameter note: What is said where it is.
    /// - Throws: ``FlashError/busyFlash(port:)`` where it never ends.
    private func awaitFlash(note: String?) throws(FlashError) {
        let deadline = ContinuousClock.now + Self.eraseAllLimit
        var isTold = false
        let asking = StubAccess.flash(.readStatus)
        while true {
            let answer = SPICommand.readStatus.input(try access(asking, to: "tell its flash's status"))
            let status = answer.first ?? 0
            // All ones come from a line that nobody drives: there is no flash, as its id will tell.
            guard status != 0xFF, FlashStatus(bits: status).contains(SPICommand.busyBit) else { return }
            guard ContinuousClock.now < deadline else { throw .busyFlash(port: link.port.name) }
            if let note, !isTold { onTrouble(note) }
            isTold = true
            _ = try link.listen(for: Self.busyPause)
        }
    }

    /// Whether a lower speed is left for a line that loses too much.
    var canSlowDown: Bool { !isSlower && link.baud / 2 >= Self.slowest }

    /// Halves the speed, once.
    func slowDown() throws(FlashError) {
        onTrouble(tellSlower())
        // The question ends what the stub is at; the command for its speed carries no checksum that could.
        guard try Self.isRunning(link), try change(baud: link.baud / 2) else { return try meetAgain() }
    }

    private func tellSlower() -> String {
        isSlower = true
        return "much is lost on the line at \(link.baud) baud: going on with \(link.baud / 2)"
    }

    /// - Returns: Whether the stub answers at the new speed. If not, the line has it all the same, which the ROM's loader
    ///   takes up after a restart.
    func change(baud: Int) throws(FlashError) -> Bool {
        let command = LoaderCommand.changeBaud(new: UInt32(baud), old: UInt32(link.baud))
        do throws(FlashError) {
            try link.ask(command, to: "change its speed", tries: 1)
        } catch  where error.mayPass {
            // Its answer may be what was lost.
        }
        let old = link.baud
        try link.set(baud: baud)
        // The stub changes once its answer is out.
        _ = try link.listen(for: Self.baudChange)
        if try Self.isRunning(link) { return true }
        // Perhaps the command was lost.
        try link.set(baud: old)
        let isAtOld = try Self.isRunning(link)
        if isAtOld { _ = try? link.ask(command, to: "change its speed", tries: 1) }
        try link.set(baud: baud)
        guard isAtOld else { return false }
        _ = try link.listen(for: Self.baudChange)
        return try Self.isRunning(link)
    }

    // MARK: Registers and commands of the flash

    func access(_ accesses: [StubAccess], to what: String) throws(FlashError) -> [UInt32] {
        let response = try link.ask(.stubAccess(accesses), to: what)
        return Hex.words(response.data)
    }

    func registers(_ addresses: [UInt32]) throws(FlashError) -> [UInt32] {
        let found = try persistently { () throws(FlashError) in
            try access(addresses.map(StubAccess.read), to: "read registers")
        }
        guard found.count == addresses.count else {
            throw .unanswered(port: link.port.name, what: "read registers")
        }
        return found
    }

    func writeRegister(_ address: UInt32, _ value: UInt32, mask: UInt32) throws(FlashError) {
        _ = try access([.write(address, value, mask: mask)], to: "write the register \(Hex.text(address))")
    }

    func answer(_ command: SPICommand, to what: String) throws(FlashError) -> [UInt8] {
        try persistently { () throws(FlashError) in
            command.input(try access(StubAccess.flash(command), to: "tell \(what)"))
        }
    }

    private func status() throws(FlashError) -> FlashStatus {
        FlashStatus(bits: try answer(.readStatus, to: "its flash's status").first ?? 0)
    }

    func writeStatus(_ status: UInt16) throws(FlashError) {
        let command = SPICommand.writeStatus([
            UInt8(truncatingIfNeeded: status), UInt8(truncatingIfNeeded: status >> 8),
        ])
        state.begin(upTo: 0)
        try persistently { () throws(FlashError) in
            _ = try access(
                StubAccess.flash(.writeEnable) + StubAccess.flash(command), to: "write its flash's status")
            let deadline = ContinuousClock.now + Self.changeLimit
            while try self.status().contains(SPICommand.busyBit) {
                guard ContinuousClock.now < deadline else {
                    throw .unanswered(port: link.port.name, what: "finish writing its flash's status")
                }
            }
        }
        state.reach(.max)
        let found = try readStatus()
        // Two bits of the first register are the flash's own.
        let own = UInt16(SPICommand.busyBit | SPICommand.writeEnabledBit)
        guard found | own == status | own else {
            throw .statusNotKept(port: link.port.name, wanted: status, found: found)
        }
    }

    /// - Throws: ``FlashError/protected(port:status:)`` where blocks are protected.
    func checkProtection() throws(FlashError) {
        let status = try status()
        guard !status.isProtecting else { throw .protected(port: link.port.name, status: status.bits & ~3) }
    }

    func eraseAll(size: Int) throws(FlashError) {
        // It would ignore the command, and be ready at once.
        try checkProtection()
        proven = []
        state.begin(upTo: .max)
        try persistently { () throws(FlashError) in
            _ = try access(
                StubAccess.flash(.writeEnable) + StubAccess.flash(.eraseChip), to: "erase all of its flash")
        }
        // A board that is met again meanwhile is waited for there.
        try persistently { () throws(FlashError) in try awaitFlash(note: nil)
        }
        try checkErased(0..<size / FlashGeometry.sectorBytes)
        state.reach(.max)
    }

    // MARK: What only a loader without a stub does

    func load(_ segments: [ImageSegment], entry: UInt32) throws(FlashError) {
        throw .usage("a program is put into memory by the ROM's loader: pass --no-stub")
    }

    func giveControllerBack() {}

    func runFlash() throws(FlashError) {
        do throws(FlashError) {
            try link.ask(.flashEnd(reboot: true), to: "leave its loader", tries: 1)
        } catch .unanswered {
            // It may have restarted before its answer was out.
        }
    }
}

extension FlashError {
    /// Whether the same may work another time: a disturbed line, or a chip that has restarted.
    var mayPass: Bool {
        switch self {
        case .unanswered, .refused: true
        default: false
        }
    }
}
