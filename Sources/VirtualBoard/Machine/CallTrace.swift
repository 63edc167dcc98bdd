import LX106

/// Writes where a program goes: calls, returns, interrupts, exceptions and routines of the ROM, a line each.
///
/// Before what ``Trace`` says stands the CPU's cycle, counted from the last reset on:
///
///     5 started -> 0x40100034 start
///     12 0x40100040 start+0xc: call0 0x40100010 -> 0x40100010 blink
///     15 0x40100018 blink+0x8: callx0 a0 -> 0x40002ecc ets_delay_us
///     80035 0x40002ecc ets_delay_us: ROM -> 0x4010001b blink+0xb
///     80036 0x4010001d blink+0xd: ret.n -> 0x40100043 start+0xf
final class CallTrace {
    /// So much is written (bytes); then the trace ends, and the CPU runs on without.
    static let limit = 256 << 20

    private let trace: Trace
    private let write: ([UInt8]) -> Void
    private var left: Int

    /// Whether it has reached its limit.
    var isOver: Bool { left <= 0 }

    /// - Parameters:
    ///   - symbols: Those of the program; the ROM's are known.
    ///   - write: Takes whole lines.
    init(symbols: [SymbolTable.Symbol], limit: Int = CallTrace.limit, write: @escaping ([UInt8]) -> Void) {
        let rom = ROM.names.map { SymbolTable.Symbol(address: $0.key, size: 1, name: $0.value) }
        trace = Trace(symbols: SymbolTable(symbols + rom), detail: .calls)
        self.write = write
        left = limit
    }

    /// As `Processor.run(for:)`, one instruction after the other.
    ///
    /// - Returns: Nil when the trace has ended; then nothing was run.
    func run(_ processor: Processor, for budget: Int) -> Stop? {
        guard !isOver else { return nil }
        let end = processor.cycles + budget
        while processor.cycles < end {
            if processor.breakpoints.contains(processor.pc) { return .breakpoint(address: processor.pc) }
            let stop = traced(processor)
            guard stop == .budget else { return stop }
        }
        return .budget
    }

    /// As `Processor.step()`.
    ///
    /// - Returns: Nil when the trace has ended; then nothing was run.
    func step(_ processor: Processor) -> Stop? { isOver ? nil : traced(processor) }

    private func traced(_ processor: Processor) -> Stop {
        let (stop, lines) = trace.step(processor)
        for line in lines { say(line, at: processor.cycles) }
        return stop
    }

    func didStart(_ processor: Processor) {
        say("started -> \(trace.place(processor.pc))", at: processor.cycles)
    }

    /// A routine of the ROM was carried out.
    func didCall(_ routine: UInt32, _ processor: Processor) {
        guard processor.pc != routine else { return }
        say("\(trace.place(routine)): ROM -> \(trace.place(processor.pc))", at: processor.cycles)
    }

    private func say(_ line: String, at cycle: Int) {
        guard !isOver else { return }
        let bytes = Array("\(cycle) \(line)\n".utf8)
        left -= bytes.count
        write(bytes)
        if isOver { write(Array("the trace ends here: it has reached its limit\n".utf8)) }
    }
}
