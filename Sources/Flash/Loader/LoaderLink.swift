import ESPLoader
import SerialPort

/// A loader at the other end of a port: carries out what its sequences want, one at a time.
///
/// Blocks its thread; every wait is bounded by the sequence, and looks at the cancellation every ``patience``.
final class LoaderLink {
    let port: any SerialPort
    /// The speed at which the port is now (bits a second).
    private(set) var baud: Int
    private let cancellation: Cancellation
    private let trace: LoaderTrace?
    private let started = ContinuousClock.now

    static let patience = Duration.milliseconds(100)
    /// For a command that only needs its way over the wire.
    static let shortLimit = Duration.milliseconds(500)
    /// How often a command may be given that does no harm twice.
    static let tries = 5
    private static let writeLimit = Duration.seconds(10)
    /// How long the ROM's text takes, and how much of what comes is kept.
    private static let bootTextLimit = Duration.milliseconds(300)
    /// The ROM's speed with a crystal of 26 MHz, and with the one of 40 MHz that it believes in.
    private static let bootBauds = [BootText.baud, 115_200]
    private static let heardLimit = 65_536

    init(port: any SerialPort, baud: Int, cancellation: Cancellation, trace: LoaderTrace?) {
        self.port = port
        self.baud = baud
        self.cancellation = cancellation
        self.trace = trace
    }

    private var now: Duration { ContinuousClock.now - started }

    /// Brings the chip into its loader.
    ///
    /// - Parameter resets: How the board is restarted; empty where it is in its loader already.
    /// - Returns: Whether a stub answers in the ROM's place.
    func connect(resets: [ResetSequence], attempts: Int) throws(FlashError) -> Bool {
        var sequence = ConnectSequence(resets: port.hasModemLines ? resets : [], attempts: attempts)
        switch try run(&sequence) {
        case .connected(let isStub): return isStub
        case .noAnswer(let attempts, let heard):
            throw .noAnswer(port: port.name, attempts: attempts, heard, try diagnose(resets))
        }
    }

    /// Restarts the board once more and listens to what the ROM prints; once more at the next speed where it prints what is
    /// not understood.
    ///
    /// - Throws: ``FlashError/port(_:)`` when the port is gone.
    private func diagnose(_ resets: [ResetSequence]) throws(FlashError) -> Diagnosis {
        guard port.hasModemLines else { return .noModemLines }
        guard let reset = resets.first else { return .notRestarted }
        let speed = baud
        let found: Diagnosis
        do throws(FlashError) {
            found = try listen(after: reset)
        } catch .port(let error) where error.reason != .lost {
            found = .notHeard(why: FlashError.port(error).reason(without: port.name))
        }
        try onPort { port throws(SerialError) in try port.set(baud: speed) }
        return found
    }

    private func listen(after reset: ResetSequence) throws(FlashError) -> Diagnosis {
        var bytes = 0
        for speed in Self.bootBauds {
            guard !cancellation.isAsked else { throw .interrupted(port: port.name, state: "") }
            try onPort { port throws(SerialError) in
                try port.set(baud: speed)
                try port.discardInput()
            }
            let heard = try play(reset) + listen(for: Self.bootTextLimit)
            if let text = BootText(in: heard) { return .started(text) }
            // At a wrong speed there are other bytes, but there are some.
            guard !heard.isEmpty else { break }
            bytes = max(bytes, heard.count)
        }
        return bytes == 0 ? .silent : .otherText(bytes: bytes)
    }

    /// Gives a command that may be given twice, and takes its answer.
    ///
    /// - Parameter what: Completes "refused to": `read a register`.
    @discardableResult
    func ask(
        _ command: LoaderCommand, to what: String, within limit: Duration = shortLimit, tries: Int = tries
    ) throws(FlashError) -> LoaderResponse {
        var sequence = ExchangeSequence(command, within: limit, tries: tries)
        switch try run(&sequence) {
        case .answered(let response): return response
        case .refused(let refusal): throw .refused(port: port.name, what: what, refusal)
        case .unanswered: throw .unanswered(port: port.name, what: what)
        }
    }

    /// What is read twice the same. The wire carries no checksum for what is read, so one reading proves nothing.
    ///
    /// - Parameter what: Completes "was asked to read … twice the same".
    func twice<Value: Equatable>(
        _ what: String, _ read: () throws(FlashError) -> Value
    ) throws(FlashError) -> Value {
        var last: Value?
        for _ in 0..<Self.tries {
            let found = try read()
            if found == last { return found }
            last = found
        }
        throw .unanswered(port: port.name, what: "read \(what) twice the same")
    }

    /// Changes the port's speed (bits a second), after the chip's.
    func set(baud: Int) throws(FlashError) {
        try onPort { port throws(SerialError) in try port.set(baud: baud) }
        self.baud = baud
    }

    /// A word of the chip's address space.
    func register(_ address: UInt32) throws(FlashError) -> UInt32 {
        let name = Hex.text(address)
        return try twice(name) { () throws(FlashError) in
            try ask(.readRegister(address: address), to: "read \(name)").value
        }
    }

    /// Plays a reset, such as the one that ends the loader.
    ///
    /// - Returns: What has come meanwhile, as much of it as ``heardLimit``.
    @discardableResult
    func play(_ reset: ResetSequence) throws(FlashError) -> [UInt8] {
        var heard: [UInt8] = []
        for step in reset.steps {
            if case .pause(let length) = step {
                heard += try listen(for: length)
            } else {
                try set(step)
            }
        }
        return heard.suffix(Self.heardLimit)
    }

    /// Waits for a span of time.
    ///
    /// - Returns: What has come meanwhile, as much of it as ``heardLimit``.
    func listen(for length: Duration) throws(FlashError) -> [UInt8] {
        var heard: [UInt8] = []
        let end = now + length
        while now < end {
            heard += try onPort { port throws(SerialError) in try port.read(within: min(end - now, Self.patience)) }
            heard = Array(heard.suffix(Self.heardLimit))
        }
        return heard
    }

    /// Says a last thing whose answer nobody waits for, such as what ends the loader's work.
    func tell(_ command: LoaderCommand) {
        let bytes = SLIP.encode(command.request.content)
        trace?.sent(bytes)
        // A port that does not take it is gone, or full of what has the same end.
        try? port.write(bytes, within: Self.shortLimit)
    }

    /// Runs a sequence to its end.
    func run<Sequence: LoaderSequence>(
        _ sequence: inout Sequence, onProgress: (Int) -> Void = { _ in }
    ) throws(FlashError) -> Sequence.Outcome {
        var actions = sequence.start(at: now)
        var wake = now + Self.patience
        while true {
            for action in actions {
                switch action {
                case .lines(let step): try set(step)
                case .discardInput: try onPort { port throws(SerialError) in try port.discardInput() }
                case .send(let bytes):
                    trace?.sent(bytes)
                    try onPort { port throws(SerialError) in try port.write(bytes, within: Self.writeLimit) }
                case .wake(let time): wake = time
                case .text(let bytes): trace?.said(bytes)
                case .progress(let count): onProgress(count)
                case .finished(let outcome): return outcome
                }
            }
            let bytes = try read(until: wake)
            actions = bytes.isEmpty ? [] : sequence.receive(bytes, at: now)
            // A line that never falls silent must not keep the time from passing.
            if now >= wake, !actions.contains(where: \.isEnd) {
                wake = now + Self.patience
                actions += sequence.tick(at: now)
            }
        }
    }

    /// What has come by `wake`; as soon as something has.
    private func read(until wake: Duration) throws(FlashError) -> [UInt8] {
        while true {
            guard !cancellation.isAsked else { throw .interrupted(port: port.name, state: "") }
            let left = max(.zero, wake - now)
            let bytes = try onPort { port throws(SerialError) in try port.read(within: min(left, Self.patience)) }
            if !bytes.isEmpty { trace?.received(bytes) }
            if !bytes.isEmpty || now >= wake { return bytes }
        }
    }

    private func set(_ step: ResetStep) throws(FlashError) {
        trace?.set(step)
        try onPort { port throws(SerialError) in
            switch step {
            case .lines(let dtr, let rts): try port.set(dtr: dtr, rts: rts)
            case .dtr(let isOn): try port.set(dtr: isOn, rts: nil)
            case .rts(let isOn): try port.set(dtr: nil, rts: isOn)
            case .pause: break
            }
        }
    }

    private func onPort<Value>(
        _ body: (any SerialPort) throws(SerialError) -> Value
    ) throws(FlashError) -> Value {
        do {
            return try body(port)
        } catch {
            throw .port(error)
        }
    }
}
