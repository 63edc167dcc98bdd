/// The lines into the CPU: bits of INTERRUPT and INTENABLE.
///
/// Source: the interrupt numbers of Espressif's SDK headers; which of them keep an edge, the description of the CPU's
/// configuration (`core-isa.h`) that QEMU's `lx106` was made of.
public enum Interrupt {
    public static let spi: UInt32 = 1 << 2
    public static let gpio: UInt32 = 1 << 4
    public static let uart: UInt32 = 1 << 5
    /// CCOUNT has reached CCOMPARE0; cleared by a write to it.
    public static let timer: UInt32 = 1 << 6
    /// Set and cleared by programs alone, through INTSET and INTCLEAR.
    public static let software: UInt32 = 1 << 7
    public static let watchdog: UInt32 = 1 << 8
    public static let frc1: UInt32 = 1 << 9
    public static let frc2: UInt32 = 1 << 10
    /// Asks nobody whether it may come.
    public static let nmi: UInt32 = 1 << 14

    static let ofLevel1: UInt32 = nmi - 1
    /// Pending for as long as their line is active.
    static let ofLine: UInt32 = 0x3F
    /// Pending from the moment at which their line becomes active until a program clears them through INTCLEAR.
    static let ofEdge: UInt32 = 0x3F00
}
