/// Which clock the CPU and the timers have until a program sets the PLL.
public enum StartClock: String, Sendable, CaseIterable {
    /// As the ROM leaves it on a board with a crystal of 26 MHz. It sets the PLL for 40 MHz, so that 52 MHz come of what it
    /// believes to be 80; its words at 74880 baud instead of 115200 are seen from outside.
    case crystal = "52"
    /// As if the PLL had been set for the CPU and the timers, but not for the serial ports.
    case full = "80"

    var megahertz: Int { self == .crystal ? 52 : 80 }
}
