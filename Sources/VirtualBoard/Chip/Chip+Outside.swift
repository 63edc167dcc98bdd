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
}
