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
    private static let heardLimit = 4096

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
            throw .noAnswer(port: port.name, attempts: attempts, heard, diagnose(resets))
        }
    }

    /// Restarts the board once more and listens to what the ROM prints.
    private func diagnose(_ resets: [ResetSequence]) -> Diagnosis {
        guard port.hasModemLines else { return .noModemLines }
        guard let reset = resets.first else { return .notRestarted }
        do throws(FlashError) {
            try onPort { port throws(SerialError) in
                try port.set(baud: BootText.baud)
                try port.discardInput()
            }
            let heard = try play(reset) + listen(for: Self.bootTextLimit)
            try onPort { port throws(SerialError) in try port.set(baud: baud) }
            return BootText(in: heard).map(Diagnosis.started) ?? .silent
        } catch {
            return .silent
        }
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
    private func listen(for length: Duration) throws(FlashError) -> [UInt8] {
        var heard: [UInt8] = []
        let end = now + length
        while now < end {
            heard += try onPort { port throws(SerialError) in try port.read(within: min(end - now, Self.patience)) }
            heard = Array(heard.suffix(Self.heardLimit))
        }
        return heard
    }

    /// Runs a sequence to its end.
    func run<Sequence: LoaderSequence>(
        _ sequence: inout Sequence, onProgress: (Int) -> Void = { _ in }
    ) throws(FlashError) -> Sequence.Outcome {
        var actions = sequence.start(at: now)
        while true {
            var wake = now + Self.patience
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
            actions = try wait(until: wake, &sequence)
        }
    }

    /// Waits for bytes or the time, whichever is first.
    private func wait<Sequence: LoaderSequence>(
        until wake: Duration, _ sequence: inout Sequence
    ) throws(FlashError) -> [LoaderAction<Sequence.Outcome>] {
        while true {
            guard !cancellation.isAsked else { throw .interrupted(port: port.name, state: "") }
            let left = max(.zero, wake - now)
            let bytes = try onPort { port throws(SerialError) in try port.read(within: min(left, Self.patience)) }
            if !bytes.isEmpty {
                trace?.received(bytes)
                return sequence.receive(bytes, at: now)
            }
            if now >= wake { return sequence.tick(at: now) }
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
