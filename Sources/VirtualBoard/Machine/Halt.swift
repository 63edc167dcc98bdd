/// Why nothing runs any more, until the next reset.
public enum Halt: Sendable, Equatable, CustomStringConvertible {
    /// Code has called a routine of the ROM that is not emulated here, from before `caller`.
    case missingRoutine(address: UInt32, caller: UInt32)
    /// An exception that nobody handles.
    case exception(cause: UInt32, pc: UInt32, address: UInt32, caller: UInt32)
    /// The program has returned to the ROM.
    case ended

    public var description: String {
        switch self {
        case .missingRoutine(let address, let caller):
            let name = ROM.names[address] ?? "something"
            return
                "the program has called \(name) at \(hex(address)) in the ROM, which is not emulated; a0=\(hex(caller))"
        case .exception(let cause, let pc, let address, let caller):
            return
                "an exception that nothing handles: cause \(cause), pc=\(hex(pc)), excvaddr=\(hex(address)), a0=\(hex(caller))"
        case .ended:
            return "the program has returned to the ROM, which has nothing more to do"
        }
    }

    private func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
