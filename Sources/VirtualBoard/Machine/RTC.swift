/// The part of the chip that a reset leaves alone: its memory, why the chip was reset, and a slow clock.
///
/// Source: `eagle_soc.h`; the memory's places are those of the SDK's `system_rtc_mem_read`.
struct RTC {
    enum Register {
        static let control: UInt32 = 0x00
        static let state: UInt32 = 0x14
        static let counter: UInt32 = 0x1C
    }

    private static let softwareReset: UInt32 = 1 << 31
    /// Of its clock (Hz); a real one is somewhere near.
    private static let frequency = 150_000

    /// From 0x60001000 on; words.
    var memory = [UInt32](repeating: 0, count: 256)
    /// Why the chip runs.
    var cause = BootLog.ResetCause.powerOn
    private var kept: [UInt32: UInt32] = [:]

    func load(_ offset: UInt32, at time: Duration) -> UInt32 {
        switch offset {
        case Register.state: UInt32(cause.rawValue)
        case Register.counter:
            UInt32(truncatingIfNeeded: Int(time / .microseconds(1)) * (Self.frequency / 1_000) / 1_000)
        default: kept[offset] ?? 0
        }
    }

    /// - Returns: Whether the chip is to be reset.
    mutating func store(_ value: UInt32, _ offset: UInt32) -> Bool {
        guard offset != Register.control || value & Self.softwareReset == 0 else { return true }
        kept[offset] = value
        return false
    }
}
