/// A debugger's connection: the bytes of the GDB remote serial protocol in, answers and what is to be done out.
///
/// The CPU is halted when a session begins. Its owner does the running: it obeys the actions in their order, and while the CPU
/// runs it reads on. The CPU has one thread, number 1. Packets that are not known are answered with an empty one, as the
/// protocol wants it; watchpoints (`Z2`–`Z4`) are among them.
public struct DebugSession: Sendable {
    public enum Action: Sendable, Equatable {
        case send([UInt8])
        /// ``Processor/step()`` is to be called, and then ``ended(_:_:)``.
        case step
        /// The CPU is to run until it stops, and then ``ended(_:_:)`` is to be called. At a breakpoint it stops at once:
        /// debuggers step over those that they know of.
        case run
        /// The run is to end now, and ``ended(_:_:)`` is to be called with ``Stop/paused``.
        case halt
        /// The chip is to be reset; the CPU stays halted.
        case reset
        /// The debugger goes; the CPU is to run on, if it does not yet.
        case detach
        /// The debugger goes, and wants the program to end.
        case kill
    }

    /// So many breakpoints of a kind may be set.
    public static let mostBreakpoints = 256

    enum Phase { case halted, running, gone }
    var phase = Phase.halted
    private var decoder = RemotePacketDecoder()
    private var isAcknowledging = true
    /// For the debugger that did not get it.
    private var lastSent: [UInt8] = []
    var lastStop = StopReply.halted
    /// What the debugger has said that it understands.
    var knowsSoftware = false
    var knowsHardware = false
    /// By the digit after `Z`: 0 for those that others make by a change of the code, 1 for those of the CPU.
    var breakpoints: [Set<UInt32>] = [[], []]

    public init() {}

    /// Takes what has come from the debugger.
    public mutating func receive(_ bytes: some Sequence<UInt8>, _ processor: Processor) -> [Action] {
        var actions: [Action] = []
        for event in decoder.decode(bytes) where phase != .gone {
            switch event {
            case .packet(let packet):
                actions += answer(packet, processor)
            case .acknowledged, .malformed(.garbage):
                break
            case .refused:
                if isAcknowledging, !lastSent.isEmpty { actions.append(.send(lastSent)) }
            case .malformed:
                if isAcknowledging { actions.append(.send([UInt8(ascii: "-")])) }
            case .interrupt:
                if phase == .running { actions.append(.halt) }
            }
        }
        return actions
    }

    /// To be told when the run ended, or the step, that the session asked for.
    ///
    /// - Returns: What the debugger is told.
    public mutating func ended(_ stop: Stop, _ processor: Processor) -> [Action] {
        guard phase == .running else { return [] }
        phase = .halted
        lastStop = StopReply(stop, breakpoints)
        return [.send(wire(lastStop.text(knowsSoftware, knowsHardware)))]
    }

    /// To be told when the connection is lost: what the session has set in the CPU is taken away.
    public mutating func close(_ processor: Processor) {
        phase = .gone
        for address in breakpoints[0].union(breakpoints[1]) { processor.setBreakpoint(address, false) }
        breakpoints = [[], []]
    }

    private mutating func answer(_ packet: RemotePacket, _ processor: Processor) -> [Action] {
        let acknowledgement = isAcknowledging ? [UInt8(ascii: "+")] : []
        let end = packet.content == Array("k".utf8) || packet.content.first == UInt8(ascii: "D")
        guard phase == .halted || end else {
            return acknowledgement.isEmpty ? [] : [.send(acknowledgement)]
        }
        let outcome = perform(packet.content, processor)
        let reply = outcome.reply.map { wire($0) } ?? []
        if packet.content == Array("QStartNoAckMode".utf8) { isAcknowledging = false }
        let bytes = acknowledgement + reply
        return (bytes.isEmpty ? [] : [.send(bytes)]) + outcome.actions
    }

    private mutating func wire(_ content: String) -> [UInt8] {
        lastSent = RemotePacket(content).wire
        return lastSent
    }
}
