/// The crystal on the board. The ROM believes in 40 MHz, most boards have 26.
public enum Crystal: Int, Sendable {
    case megahertz26 = 26
    case megahertz40 = 40

    /// The divider with which the UART makes its speed out of twice the crystal.
    public static let uartDivider: UInt32 = 0x6000_0014

    /// - Parameters:
    ///   - baud: At which the loader was met.
    ///   - divider: What the register ``uartDivider`` holds.
    public init(baud: Int, divider: UInt32) {
        let hertz = baud * Int(divider & 0xF_FFFF) / 2
        self = hertz > 33_000_000 ? .megahertz40 : .megahertz26
    }
}
