/// What stands behind the addresses that are not memory.
///
/// The CPU asks between two instructions; what it is given counts at once. Addresses are multiples of the width.
public protocol Peripherals: AnyObject {
    /// - Returns: The value in the lowest bits; nil where there is nothing, which is a ``ExceptionCause/loadStore``.
    func load(_ address: UInt32, width: AccessWidth) -> UInt32?
    /// - Returns: Whether there is something to store into.
    func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool
}

/// How many bytes a load or a store moves.
public enum AccessWidth: UInt32, Sendable {
    case byte = 1
    case half = 2
    case word = 4
}
