import NIOCore
import SerialPort

/// One host's connection to a board's UART: plain bytes, or RFC 2217 with speed and lines.
///
/// Source of the server's part: RFC 2217, and what pyserial's client asks for and waits for.
final class NetworkPort: ChannelInboundHandler, BoardPort {
    typealias InboundIn = ByteBuffer

    enum Kind: Sendable {
        case tcp
        case rfc2217
    }

    /// Of a line whose speed nobody has set (bits a second).
    static let usualBaud = 115_200
    /// The most that waits to be read by a host (bytes); who reads more slowly is cut.
    private static let outputLimit = 1 << 20

    private let board: Board
    private let kind: Kind
    private let onEnd: () -> Void
    private var channel: (any Channel)?
    private var decoder = TelnetDecoder()
    private var refused: Set<UInt8> = []
    private(set) var baud: Int
    private var waiting = 0

    /// - Parameters:
    ///   - baud: Of the line behind plain TCP, and until a client has set one (bits a second).
    ///   - onEnd: Called when the connection has ended.
    init(board: Board, kind: Kind, baud: Int, onEnd: @escaping () -> Void) {
        self.board = board
        self.kind = kind
        self.baud = baud
        self.onEnd = onEnd
    }

    func send(_ bytes: [UInt8]) {
        write(kind == .rfc2217 ? Telnet.encode(bytes) : bytes)
    }

    func vanish() {
        channel?.close(promise: nil)
    }

    private func write(_ bytes: [UInt8]) {
        guard let channel else { return }
        waiting += bytes.count
        guard waiting <= Self.outputLimit else { return vanish() }
        let isolated = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
            isolated.value.waiting -= bytes.count
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        board.attach(self)
        if kind == .rfc2217 {
            write(
                Telnet.negotiation(.will, option: Telnet.Option.suppressGoAhead)
                    + Telnet.negotiation(.do, option: Telnet.Option.binary)
                    + Telnet.negotiation(.will, option: Telnet.Option.comPort))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        board.detach(self)
        channel = nil
        onEnd()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        guard kind == .rfc2217 else { return board.receive(bytes) }
        for event in decoder.decode(bytes) {
            switch event {
            case .data(let data): board.receive(data)
            case .negotiation(let verb, let option): negotiate(verb, option)
            case .subnegotiation(Telnet.Option.comPort, let content):
                if let message = ComPortMessage(content, fromServer: false) { take(message) }
            case .subnegotiation, .oversized: break
            }
        }
    }

    /// Agrees to what a serial line needs, and to nothing else. What this side has offered is not confirmed again.
    private func negotiate(_ verb: TelnetVerb, _ option: UInt8) {
        typealias Option = Telnet.Option
        let isKnown = [Option.binary, Option.suppressGoAhead, Option.comPort].contains(option)
        switch verb {
        case .do where option == Option.binary: write(Telnet.negotiation(.will, option: option))
        case .do where isKnown: break
        case .will where isKnown && option != Option.binary: write(Telnet.negotiation(.do, option: option))
        case .will where isKnown: break
        case .do: refuse(.wont, option)
        case .will: refuse(.dont, option)
        case .dont, .wont: break
        }
    }

    /// Once an option: a peer that goes on asking is not answered for ever.
    private func refuse(_ verb: TelnetVerb, _ option: UInt8) {
        guard refused.insert(option).inserted else { return }
        write(Telnet.negotiation(verb, option: option))
    }

    private func take(_ message: ComPortMessage) {
        typealias Control = ComPortMessage.Control
        switch message {
        case .baud(let rate):
            if (50...8_000_000).contains(rate) { baud = Int(rate) }
            answer(.baud(UInt32(baud)))
        case .dataBits: answer(.dataBits(8))
        case .parity: answer(.parity(1))
        case .stopBits: answer(.stopBits(1))
        case .control(let value):
            switch value {
            case Control.dtrOn: board.set(dtr: true, rts: nil)
            case Control.dtrOff: board.set(dtr: false, rts: nil)
            case Control.rtsOn: board.set(dtr: nil, rts: true)
            case Control.rtsOff: board.set(dtr: nil, rts: false)
            default: break
            }
            answer(message)
        case .purge: answer(message)
        // No line of the board reaches the host's inputs.
        case .modemState: answer(.modemState(0))
        case .lineState: answer(.lineState(0))
        case .lineStateMask, .modemStateMask: answer(message)
        case .other: break
        }
    }

    private func answer(_ message: ComPortMessage) {
        write(message.encoded(fromServer: true))
    }
}
