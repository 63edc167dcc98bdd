/// What a serial server's answer says about a request. Source: RFC 2217, section 3: an answer has the request's number,
/// and the value that is in force, which need not be the one that was asked for.
extension ComPortMessage {
    /// Whether it is the answer to this request, whatever value it has.
    func answers(_ request: ComPortMessage) -> Bool {
        switch (self, request) {
        case (.baud, .baud), (.dataBits, .dataBits), (.parity, .parity), (.stopBits, .stopBits), (.purge, .purge): true
        case (.control(let said), .control(let asked)): Self.line(said) == Self.line(asked)
        default: false
        }
    }

    /// Why this answer to a request is not what was asked for; nil where it is.
    ///
    /// Chips take the nearest speed that they can do, and servers that know it say so: a CH340 does 75000 for 74880.
    func refusal(of request: ComPortMessage) -> SerialError.Reason? {
        switch (self, request) {
        case (.baud(let said), .baud(let asked)):
            TerminalSpeed.other(than: Int(asked), inputSpeed: said, outputSpeed: said)
                .map { .otherBaud(asked: Int(asked), taken: $0) }
        case (.purge, .purge): nil
        default:
            self == request
                ? nil : .unsupported("the serial server was asked for \(request.setting) and answers \(setting)")
        }
    }

    /// In words.
    var setting: String {
        switch self {
        case .baud(let rate): "\(rate) baud"
        case .dataBits(let count): "\(count) data bits"
        case .parity(let kind): "parity \(Self.word(kind, of: [1: "none", 2: "odd", 3: "even", 4: "mark", 5: "space"]))"
        case .stopBits(let kind): "stop bits \(Self.word(kind, of: [1: "1", 2: "2", 3: "1.5"]))"
        case .control(let value):
            Self.word(
                value,
                of: [
                    Control.noFlowControl: "no flow control", 2: "XON/XOFF", 3: "hardware flow control",
                    Control.dtrOn: "DTR on", Control.dtrOff: "DTR off", Control.rtsOn: "RTS on",
                    Control.rtsOff: "RTS off",
                ])
        case .purge: "that what was received is dropped"
        case .lineState(let value): "line state \(value)"
        case .modemState(let value): "modem state \(value)"
        case .lineStateMask(let value): "line state mask \(value)"
        case .modemStateMask(let value): "modem state mask \(value)"
        case .other(let number, _): "request \(number)"
        }
    }

    private static func word(_ value: UInt8, of words: [UInt8: String]) -> String { words[value] ?? "number \(value)" }

    /// What a control value is about: the flow control, the break, DTR, RTS, or the flow control of the other direction.
    private static func line(_ value: UInt8) -> Int {
        switch value {
        case 4...6: 1
        case 7...9: 2
        case 10...12: 3
        case 13...16, 18: 4
        default: 0
        }
    }
}
