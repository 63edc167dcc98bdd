/// Sets a terminal's speed and looks at which one the driver took: drivers choose another one where they cannot do it, and
/// say so in the settings alone.
///
/// Source: Linux's tty drivers, which put the speed that they took into the settings that TCGETS2 returns.
enum TerminalSpeed {
    /// What a driver may be off before bytes are lost (parts in a thousand); the board's own UART is off a little too.
    static let tolerance = 30

    /// Makes a terminal raw, at this speed (bits a second).
    ///
    /// - Returns: The speed that the driver took instead; the terminal is then as it was before. Nil where it took this one.
    static func set(_ baud: Int, on descriptor: Int32) throws(TerminalError) -> Int? {
        let before = try Termios2(of: descriptor)
        var settings = before
        settings.makeRaw(baud: UInt32(clamping: baud))
        try settings.apply(to: descriptor)
        let after = try Termios2(of: descriptor)
        guard let taken = other(than: baud, inputSpeed: after.inputSpeed, outputSpeed: after.outputSpeed) else {
            return nil
        }
        try before.apply(to: descriptor)
        return taken
    }

    /// The direction that is off more, where it is off too much.
    static func other(than baud: Int, inputSpeed: UInt32, outputSpeed: UInt32) -> Int? {
        let (input, output) = (Int(inputSpeed), Int(outputSpeed))
        let taken = abs(input - baud) > abs(output - baud) ? input : output
        return abs(taken - baud) * 1000 > baud * tolerance ? taken : nil
    }
}
