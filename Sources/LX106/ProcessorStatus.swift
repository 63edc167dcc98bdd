/// The bits of PS that an LX106 has.
enum ProcessorStatus {
    static let level: UInt32 = 0xF
    /// An exception is being handled: nothing but an NMI interrupts, and a further exception is a double one.
    static let exception: UInt32 = 1 << 4
    static let userMode: UInt32 = 1 << 5
    static let kept: UInt32 = level | exception | userMode

    static let debugLevel: UInt32 = 2
    static let nmiLevel: UInt32 = 3
}
