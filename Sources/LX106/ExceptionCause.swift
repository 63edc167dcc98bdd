/// Why the CPU went to its exception vector: the values of EXCCAUSE that an LX106 gives.
public enum ExceptionCause: UInt32, Sendable {
    case illegalInstruction = 0
    case syscall = 1
    /// Instructions cannot be read from there.
    case instructionFetch = 2
    /// The memory has no such access: a byte of what is wired for words, or nothing there at all.
    case loadStore = 3
    case level1Interrupt = 4
    case loadStoreAlignment = 9
    /// The three below are for addresses where the chip lets nobody go at all, such as 0.
    case instructionFetchProhibited = 20
    case loadProhibited = 28
    case storeProhibited = 29
}
