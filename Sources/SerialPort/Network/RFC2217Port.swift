/// A serial port of another machine, behind a server that speaks RFC 2217.
///
/// A setting holds when the server has confirmed it; what comes meanwhile from the board is kept.
final class RFC2217Port: SerialPort {
    let name: String
    let hasModemLines = true
    private let connection: TCPConnection
    private var decoder = TelnetDecoder()
    private var received: [UInt8] = []
    /// Requests that the server has not answered yet.
    private var open: [ComPortMessage] = []
    /// What an answer says that is not what was asked for.
    private var refusal: SerialError.Reason?
    private var agreement = RFC2217Agreement()
    /// Bytes that may come while a confirmation is waited for; a board at 4 Mbaud sends fewer in the time.
    private static let receivedLimit = 4 << 20

    /// Connects, agrees on the options, and sets the speed and eight bits without parity.
    ///
    /// - Parameter limit: For all of it together.
    init(host: String, port: Int, baud: Int, within limit: Duration = SerialTimes.answer) throws(SerialError) {
        name = SerialAddress.rfc2217(host: host, port: port).name
        let deadline = ContinuousClock.now + limit
        connection = try TCPConnection(name: name, host: host, port: port, until: deadline)
        try agree(until: deadline)
        try ask([.baud(UInt32(clamping: baud)), .dataBits(8), .parity(1), .stopBits(1)], until: deadline)
        try ask([.control(ComPortMessage.Control.noFlowControl)], until: deadline)
    }

    private func agree(until deadline: ContinuousClock.Instant) throws(SerialError) {
        try connection.write(agreement.opening, until: deadline)
        while !agreement.isReached {
            guard !agreement.isRefused, ContinuousClock.now < deadline else {
                throw SerialError(
                    name, .unsupported("no serial server answers there as RFC 2217 asks; for plain TCP use socket://"))
            }
            try take(connection.read(until: deadline), until: deadline)
        }
    }

    func set(baud: Int) throws(SerialError) {
        try ask([.baud(UInt32(clamping: baud))], until: .now + SerialTimes.answer)
    }

    /// The lines go one by one, so that between them never stands RTS without DTR, which resets a board: DTR is asserted
    /// first and released last.
    func set(dtr: Bool?, rts: Bool?) throws(SerialError) {
        typealias Control = ComPortMessage.Control
        let first = dtr.map { $0 ? Control.dtrOn : Control.dtrOff }
        let second = rts.map { $0 ? Control.rtsOn : Control.rtsOff }
        let steps = dtr == false ? [second, first] : [first, second]
        try ask(steps.compactMap(\.self).map { .control($0) }, until: .now + SerialTimes.answer)
    }

    func write(_ bytes: [UInt8], within limit: Duration) throws(SerialError) {
        try connection.write(Telnet.encode(bytes), until: .now + limit)
    }

    func read(within limit: Duration) throws(SerialError) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        repeat {
            if !received.isEmpty { break }
            try take(connection.read(until: deadline), until: deadline)
        } while received.isEmpty && ContinuousClock.now < deadline
        defer { received = [] }
        return received
    }

    func discardInput() throws(SerialError) {
        try ask([.purge(ComPortMessage.purgeReceived)], until: .now + SerialTimes.answer)
        received = []
    }

    func close() {
        connection.close()
    }

    /// Sends requests in one go and waits until each is answered with what it asks for.
    private func ask(_ requests: [ComPortMessage], until deadline: ContinuousClock.Instant) throws(SerialError) {
        open = requests
        refusal = nil
        defer { open = [] }
        try connection.write(requests.flatMap { $0.encoded(fromServer: false) }, until: deadline)
        while let missing = open.first {
            guard ContinuousClock.now < deadline else {
                throw SerialError(name, .unsupported("the serial server does not confirm \(missing.setting)"))
            }
            try take(connection.read(until: deadline), until: deadline)
            if let refusal { throw SerialError(name, refusal) }
        }
    }

    private func take(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(SerialError) {
        for event in decoder.decode(bytes) {
            switch event {
            case .data(let data):
                received += data
                guard received.count <= Self.receivedLimit else { throw SerialError(name, .unsupported("it floods")) }
            case .negotiation(let verb, let option):
                let answer = agreement.take(verb, option: option)
                if !answer.isEmpty { try connection.write(answer, until: deadline) }
            case .subnegotiation(Telnet.Option.comPort, let content):
                if let message = ComPortMessage(content, fromServer: true) { take(message) }
            case .subnegotiation, .oversized: break
            }
        }
    }

    /// Notifications and what nobody has asked for are dropped.
    private func take(_ message: ComPortMessage) {
        guard let index = open.firstIndex(where: message.answers) else { return }
        refusal = refusal ?? message.refusal(of: open.remove(at: index))
    }
}
