import ESPLoader

/// What happens at one board.
enum FlashEvent: Sendable, Equatable {
    /// What takes time.
    enum Phase: String, Sendable, Encodable {
        case erase, write, verify, read, load
    }

    case connecting
    case met(chip: ChipIdentity, crystal: Crystal, flash: FlashIdentity)
    case note(String)
    /// What was asked for, in hexadecimal: the address of a register or the name of a value, and the value.
    case value(String, String)
    /// - Parameter total: In bytes; 0 where it is not known.
    case began(Phase, what: String, total: Int)
    case progress(Int)
    /// - Parameters:
    ///   - bytes: How many were done.
    ///   - time: How long it took.
    case ended(Phase, bytes: Int, time: Duration)
    case done
    case failed(FlashError)
}
