/// What the CPU does, instruction by instruction, as text with the names of a program's symbols.
///
/// A line is the address, the symbol, the instruction as objdump writes it, and where it did not go on with the next one, an
/// arrow to where it went:
///
///     0x40100010 start+0x10: l32r a10, 0x40100000
///     0x40100013 start+0x13: call0 0x40100040 -> 0x40100040 main
///     0x40100042 main+0x2: interrupt -> 0x40000050
///     0x40000050: l32i a2, a3, 0 -> 0x40000070
public struct Trace: Sendable {
    public enum Detail: Sendable {
        case instructions
        /// Calls, returns and what else goes elsewhere than within its symbol: exceptions, interrupts, jumps by register.
        case calls
    }

    private let symbols: SymbolTable
    private let detail: Detail

    public init(symbols: SymbolTable, detail: Detail = .instructions) {
        self.symbols = symbols
        self.detail = detail
    }

    /// Runs one instruction, as ``Processor/step()`` does.
    ///
    /// - Returns: Up to two lines: for an interrupt that came before the instruction, and for the instruction; none where none
    ///   was run.
    public func step(_ processor: Processor) -> (stop: Stop, lines: [String]) {
        let before = processor.pc
        processor.meetInterrupts()
        let address = processor.pc
        var lines: [String] = []
        if address != before { lines.append("\(place(before)): interrupt -> \(place(address))") }
        let cycles = processor.cycles
        let found = processor.instruction(at: address)
        let stop = processor.step()
        guard let (instruction, bytes) = found else {
            if processor.pc != address { lines.append("\(place(address)): no instruction -> \(place(processor.pc))") }
            return (stop, lines)
        }
        let goesOn = processor.pc == address &+ UInt32(bytes)
        guard processor.cycles != cycles, detail == .instructions || isTold(instruction.operation, goesOn: goesOn)
        else { return (stop, lines) }
        lines.append(
            "\(place(address)): \(instruction.text)" + (goesOn ? "" : " -> \(place(processor.pc))"))
        return (stop, lines)
    }

    /// An address and its symbol, as in the lines.
    public func place(_ address: UInt32) -> String {
        "0x" + String(address, radix: 16) + (symbols.place(of: address).map { " \($0)" } ?? "")
    }

    private func isTold(_ operation: Operation, goesOn: Bool) -> Bool {
        switch operation {
        case .call0, .callx0, .jx, .ret, .retN, .rfe, .rfde, .rfi, .rfdo, .rfdd: true
        case .j, .beqz, .bnez, .bltz, .bgez, .beqi, .bnei, .blti, .bgei, .bltui, .bgeui, .bnone, .beq, .blt, .bltu,
            .ball, .bbc, .bbci, .bany, .bne, .bge, .bgeu, .bnall, .bbs, .bbsi, .beqzN, .bnezN:
            false
        default: !goesOn
        }
    }
}
