import ESPLoader

/// A SPI NOR flash as its datasheet describes it.
public struct FlashChip: Sendable, Equatable {
    public var name: String
    /// What the command 9F answers: manufacturer, type, capacity as a power of two.
    public var id: [UInt8]
    public var bytes: Int
    public var timing: Timing

    /// Typical times of the operations.
    public struct Timing: Sendable, Equatable {
        /// Of the first byte that one command programs, and of each after it, where that is less than a page's time.
        public var programByte: Duration
        public var programNextByte: Duration
        public var programPage: Duration
        public var eraseSector: Duration
        public var eraseBlock: Duration
        public var eraseChip: Duration

        /// Nothing takes time.
        public static let none = Timing(
            programByte: .zero, programNextByte: .zero, programPage: .zero, eraseSector: .zero, eraseBlock: .zero,
            eraseChip: .zero)

        /// What one command takes that programs so many bytes.
        func program(_ count: Int) -> Duration { min(programPage, programByte + programNextByte * (count - 1)) }
    }

    /// Found on most NodeMCU boards. Source: Winbond W25Q32FV datasheet, revision J, AC characteristics, typical values.
    public static let w25q32 = FlashChip(
        name: "W25Q32FV", id: [0xEF, 0x40, 0x16], bytes: 4 << 20,
        timing: Timing(
            programByte: .microseconds(30), programNextByte: .nanoseconds(2500), programPage: .microseconds(700),
            eraseSector: .milliseconds(45), eraseBlock: .milliseconds(150),
            eraseChip: .seconds(10)))

    /// Found on D1 mini boards. Source: GigaDevice GD25Q32C datasheet, revision 3, AC characteristics, typical values.
    public static let gd25q32 = FlashChip(
        name: "GD25Q32C", id: [0xC8, 0x40, 0x16], bytes: 4 << 20,
        timing: Timing(
            programByte: .microseconds(30), programNextByte: .nanoseconds(2500), programPage: .microseconds(600),
            eraseSector: .milliseconds(50), eraseBlock: .milliseconds(200),
            eraseChip: .seconds(15)))
}
