/// One access of our stub to a register.
public enum StubAccess: Sendable, Equatable {
    case read(UInt32)
    case write(UInt32, UInt32, mask: UInt32 = .max)
    /// Waits until the register's bits under `mask` are `value`, at most 10 ms.
    case wait(UInt32, UInt32, mask: UInt32)

    /// The address, whose lowest bits tell the kind.
    var word: UInt32 {
        switch self {
        case .read(let address): address & ~3
        case .write(let address, _, _): address & ~3 | 1
        case .wait(let address, _, _): address & ~3 | 2
        }
    }

    var value: UInt32 {
        switch self {
        case .read: 0
        case .write(_, let value, _), .wait(_, let value, _): value
        }
    }

    var mask: UInt32 {
        switch self {
        case .read: 0
        case .write(_, _, let mask), .wait(_, _, let mask): mask
        }
    }

    /// What gives a command to the flash: its registers, its start, and its answer.
    public static func flash(_ command: SPICommand) -> [StubAccess] {
        command.setup.map { .write($0.address, $0.value) }
            + [
                .write(SPICommand.start.address, SPICommand.start.value),
                .wait(SPICommand.start.address, 0, mask: SPICommand.start.value),
            ] + command.inputRegisters.map { .read($0) }
    }
}
