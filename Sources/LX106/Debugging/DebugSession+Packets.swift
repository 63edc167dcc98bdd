/// What each packet does, and its answer.
///
/// Source: the GDB manual, "Packets" and "General Query Packets"; the numbers of errors are those that QEMU's gdb server gives
/// for the same packets.
extension DebugSession {
    struct Outcome {
        /// Nil for packets that have no answer, or a later one.
        var reply: String?
        var actions: [Action] = []

        init(_ reply: String?, _ actions: [Action] = []) {
            self.reply = reply
            self.actions = actions
        }

        static let done = Outcome("OK")
        static let unknown = Outcome("")
        /// What was asked makes no sense.
        static let invalid = Outcome("E22")
        /// There is nothing at that address, or not in that way.
        static let noMemory = Outcome("E14")
        static let noMoreBreakpoints = Outcome("E28")
    }

    mutating func perform(_ content: [UInt8], _ processor: Processor) -> Outcome {
        guard let kind = content.first else { return .unknown }
        let rest = content.dropFirst()
        switch kind {
        case UInt8(ascii: "?"): return Outcome(lastStop.text(knowsSoftware, knowsHardware))
        case UInt8(ascii: "g"):
            return Outcome(DebugRegister.all.map { HexText.of(register: processor[$0]) }.joined())
        case UInt8(ascii: "G"): return writeAll(rest, processor)
        case UInt8(ascii: "p"): return readOne(rest, processor)
        case UInt8(ascii: "P"): return writeOne(rest, processor)
        case UInt8(ascii: "m"): return readMemory(rest, processor)
        case UInt8(ascii: "M"): return writeMemory(rest, processor) { HexText.bytes($0) }
        case UInt8(ascii: "X"): return writeMemory(rest, processor) { Array($0) }
        case UInt8(ascii: "c"): return resume(rest, processor, isStep: false)
        case UInt8(ascii: "s"): return resume(rest, processor, isStep: true)
        // A signal comes first, of which an LX106 has none.
        case UInt8(ascii: "C"), UInt8(ascii: "S"):
            let address = rest.drop { $0 != UInt8(ascii: ";") }.dropFirst()
            return resume(address, processor, isStep: kind == UInt8(ascii: "S"))
        case UInt8(ascii: "v"): return resumeByThread(String(decoding: rest, as: UTF8.self), processor)
        case UInt8(ascii: "Z"): return breakpoint(rest, processor, isSet: true)
        case UInt8(ascii: "z"): return breakpoint(rest, processor, isSet: false)
        case UInt8(ascii: "H"): return Self.isThread(rest.dropFirst()) && rest.count > 1 ? .done : .invalid
        case UInt8(ascii: "T"): return Self.isThread(rest) ? .done : .invalid
        case UInt8(ascii: "q"), UInt8(ascii: "Q"): return query(content, processor)
        case UInt8(ascii: "D"):
            close(processor)
            return Outcome("OK", [.detach])
        case UInt8(ascii: "k"):
            close(processor)
            return Outcome(nil, [.kill])
        default: return .unknown
        }
    }

    /// Thread 1, any (0) or all (-1).
    private static func isThread(_ text: some Collection<UInt8>) -> Bool {
        text.elementsEqual("-1".utf8) || HexText.number(text).map { $0 <= 1 } == true
    }

    /// The two sides of a separator.
    private static func halves(
        _ text: ArraySlice<UInt8>, at separator: Character
    ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard let place = text.firstIndex(where: { $0 == separator.asciiValue }) else { return nil }
        return (text[..<place], text[(place + 1)...])
    }

    /// Fewer than all may come; they are the first ones.
    private func writeAll(_ text: ArraySlice<UInt8>, _ processor: Processor) -> Outcome {
        guard let bytes = HexText.bytes(text), !bytes.isEmpty, bytes.count.isMultiple(of: 4),
            bytes.count <= 4 * DebugRegister.all.count
        else { return .invalid }
        for (number, register) in DebugRegister.all.prefix(bytes.count / 4).enumerated() {
            processor[register] = Self.value(bytes[(4 * number)..<(4 * number + 4)])
        }
        return .done
    }

    private static func value(_ bytes: some BidirectionalCollection<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func register(_ number: some Collection<UInt8>) -> DebugRegister? {
        guard let number = HexText.number(number), number < DebugRegister.all.count else { return nil }
        return DebugRegister.all[Int(number)]
    }

    private func readOne(_ text: ArraySlice<UInt8>, _ processor: Processor) -> Outcome {
        guard let register = Self.register(text) else { return .invalid }
        return Outcome(HexText.of(register: processor[register]))
    }

    private func writeOne(_ text: ArraySlice<UInt8>, _ processor: Processor) -> Outcome {
        guard let (number, value) = Self.halves(text, at: "="), let register = Self.register(number),
            let bytes = HexText.bytes(value), bytes.count == 4
        else { return .invalid }
        processor[register] = Self.value(bytes)
        return .done
    }

    private func readMemory(_ text: ArraySlice<UInt8>, _ processor: Processor) -> Outcome {
        guard let (place, count) = Self.halves(text, at: ","), let address = HexText.number(place),
            let count = HexText.number(count), count <= RemotePacket.longestContent / 2
        else { return .invalid }
        return processor.memory.peek(address, count: Int(count)).map { Outcome(HexText.of($0)) } ?? .noMemory
    }

    private func writeMemory(
        _ text: ArraySlice<UInt8>, _ processor: Processor, _ read: (ArraySlice<UInt8>) -> [UInt8]?
    ) -> Outcome {
        guard let (range, data) = Self.halves(text, at: ":"), let (place, count) = Self.halves(range, at: ","),
            let address = HexText.number(place), let count = HexText.number(count), let bytes = read(data),
            bytes.count == count
        else { return .invalid }
        return processor.memory.poke(bytes, at: address) ? .done : .noMemory
    }

    private mutating func resume(
        _ address: ArraySlice<UInt8>, _ processor: Processor, isStep: Bool
    ) -> Outcome {
        if !address.isEmpty {
            guard let address = HexText.number(address) else { return .invalid }
            processor.pc = address
        }
        phase = .running
        return Outcome(nil, [isStep ? .step : .run])
    }

    /// `vCont`: the first action that is for thread 1 counts.
    private mutating func resumeByThread(_ text: String, _ processor: Processor) -> Outcome {
        guard text != "Cont?" else { return Outcome("vCont;c;C;s;S") }
        guard text.hasPrefix("Cont;") else { return .unknown }
        for action in text.dropFirst("Cont;".count).split(separator: ";", omittingEmptySubsequences: false) {
            let parts = action.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 1 || Self.isThread(Array(parts[1].utf8)) else { continue }
            switch parts.first?.first {
            case "c", "C": return resume([], processor, isStep: false)
            case "s", "S": return resume([], processor, isStep: true)
            default: return .unknown
            }
        }
        return .unknown
    }

    /// The last field, the instruction's length, means nothing here: no code is changed for a breakpoint.
    private mutating func breakpoint(_ text: ArraySlice<UInt8>, _ processor: Processor, isSet: Bool) -> Outcome {
        guard let kind = text.first.map({ Int($0) - Int(UInt8(ascii: "0")) }), breakpoints.indices.contains(kind) else {
            return .unknown
        }
        let fields = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].count == 1, let address = HexText.number(fields[1]),
            HexText.number(fields[2]) != nil
        else { return .invalid }
        if isSet {
            guard breakpoints[kind].contains(address) || breakpoints[kind].count < Self.mostBreakpoints else {
                return .noMoreBreakpoints
            }
            breakpoints[kind].insert(address)
        } else {
            breakpoints[kind].remove(address)
        }
        processor.setBreakpoint(address, breakpoints.contains { $0.contains(address) })
        return .done
    }
}
