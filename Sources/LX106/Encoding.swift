/// How an instruction's operands stand in its bits, and in which order they are written.
///
/// Fields, from the lowest bit: op0, t, s, r (four bits each), in 24 bits followed by op1 and op2.
enum Encoding: Sendable {
    case none
    case rst, rs, rt, ts, s
    /// A shift to the left is coded as 32 less its distance.
    case leftShift
    case arithmeticShift
    case logicalShift
    case field
    case shiftAmount
    case specialRegister
    /// `rsil at, level`
    case level
    /// A small number in s.
    case number
    case twoNumbers
    /// An offset of eight bits in bytes, half words or words.
    case memory(shift: UInt32)
    case literal
    case movi
    case addi(shift: UInt32)
    case call
    case jump
    /// A branch that compares with 0, to twelve bits' distance.
    case branchOnZero
    /// A branch that compares with one of 16 constants.
    case branchOnConstant
    case branch
    case branchOnBit
    case narrowMemory
    case narrowAddi
    case narrowMovi
    case narrowBranch
}
