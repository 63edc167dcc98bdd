/// One decoded instruction, eight bytes, so that a run of them is read as fast as it can be.
public struct Instruction: Sendable, Equatable {
    public var operation: Operation
    /// The fields of that name: numbers of address registers, or small numbers, as the operation has it.
    public var r: UInt8
    public var s: UInt8
    public var t: UInt8
    /// A constant, an offset, a mask, the number of a special register, or the address that is jumped to or read from.
    public var immediate: UInt32

    public init(_ operation: Operation, r: UInt8 = 0, s: UInt8 = 0, t: UInt8 = 0, immediate: UInt32 = 0) {
        self.operation = operation
        self.r = r
        self.s = s
        self.t = t
        self.immediate = immediate
    }

    public var length: Int { operation.length }
}
