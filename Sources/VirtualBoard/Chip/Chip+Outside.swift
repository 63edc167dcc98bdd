/// What is around the chip, but for its serial line.
extension Chip {
    /// What the chip's pins are joined to.
    public struct Outside {
        /// The levels that are driven, by the pin's number from 0 to 16.
        public var pins: [Int: Bool]
        /// At TOUT, 0 to 1023.
        public var analogue: Int
        public weak var watcher: (any PinWatcher)?

        public init(pins: [Int: Bool] = [:], analogue: Int = 0, watcher: (any PinWatcher)? = nil) {
            self.pins = pins
            self.analogue = analogue
            self.watcher = watcher
        }
    }

    /// A pin is driven from now on; nil leaves it alone.
    ///
    /// - Parameter pin: 0 to 16.
    public mutating func drive(pin: Int, _ level: Bool?, at now: Duration) -> [Action] {
        machine.drive(pin: pin, level)
        return tick(at: now)
    }

    /// What is at TOUT from now on.
    ///
    /// - Parameter analogue: 0 to 1023.
    public mutating func apply(analogue: Int, at now: Duration) -> [Action] {
        machine.apply(analogue: analogue)
        return tick(at: now)
    }

    /// What the second serial port has sent since the last call.
    public mutating func takeUART1() -> [UInt8] {
        defer { machine.sentByUART1 = [] }
        return machine.sentByUART1
    }
}
