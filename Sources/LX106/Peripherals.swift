/// What stands behind the addresses that are not memory.
///
/// The CPU asks in the midst of its run, with its `cycles` up to the instruction that asks, that one included. What is done to
/// it meanwhile (interrupts, a pause, a reset, time that is spent) counts before the next instruction. Addresses are multiples
/// of the width.
public protocol Peripherals: AnyObject {
    /// - Returns: The value, nothing above its width; nil where there is nothing, which is a ``ExceptionCause/loadStore``.
    func load(_ address: UInt32, width: AccessWidth) -> UInt32?
    /// - Parameter value: Nothing above its width.
    /// - Returns: Whether there is something to store into; if not, that is a ``ExceptionCause/loadStore``.
    func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool

    /// For debuggers, while the CPU does not run.
    ///
    /// - Parameter address: A multiple of 4.
    /// - Returns: The word there, where reading it changes nothing; nil where it would (a FIFO), and where nothing is.
    func peek(_ address: UInt32) -> UInt32?
}

extension Peripherals {
    /// None can be read without an effect.
    public func peek(_ address: UInt32) -> UInt32? { nil }
}

/// How many bytes a load or a store moves.
public enum AccessWidth: UInt32, Sendable {
    case byte = 1
    case half = 2
    case word = 4
}
