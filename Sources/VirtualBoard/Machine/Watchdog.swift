/// Resets the chip when nobody feeds it: after a first time it asks for an interrupt, after a second one it resets.
///
/// Source: the registers' names in Espressif's SDKs; that a time is 0.8 ms x 2^n is from the options of Espressif's RTOS SDK
/// (13, 14 and 15 are 6.5, 13.1 and 26.2 s).
struct Watchdog {
    enum Register {
        static let control: UInt32 = 0x00
        static let firstTime: UInt32 = 0x04
        static let secondTime: UInt32 = 0x08
        static let count: UInt32 = 0x0C
        static let feed: UInt32 = 0x14
    }

    enum Event: Equatable {
        case warning
        case reset
    }

    private static let enabled: UInt32 = 1 << 0
    /// The second time does not reset.
    private static let spares: UInt32 = 1 << 1
    private static let food: UInt32 = 0x73
    /// 0.8 ms (ticks).
    private static let unit = Machine.frequency / 1250

    private var control: UInt32 = 0
    private var times: (first: UInt32, second: UInt32) = (11, 11)
    private var stage = 0
    private var due: Int?
    /// Whether its interrupt is let out.
    var interrupts = false

    var isInterrupting: Bool { interrupts && stage == 1 }
    var nextEvent: Int? { due }

    private var isEnabled: Bool { control & Self.enabled != 0 }

    private func length(_ exponent: UInt32) -> Int { Self.unit << Int(exponent & 15) }

    mutating func settle(at now: Int) -> Event? {
        guard let time = due, time <= now else { return nil }
        if stage == 0 {
            stage = 1
            due = time + length(times.second)
            return .warning
        }
        due = nil
        return control & Self.spares == 0 ? .reset : nil
    }

    /// As the ROM's routines switch it.
    mutating func set(enabled: Bool, at now: Int) {
        store(enabled ? control | Self.enabled : control & ~Self.enabled, Register.control, at: now)
    }

    func load(_ offset: UInt32, at now: Int) -> UInt32 {
        switch offset {
        case Register.control: control
        case Register.firstTime: times.first
        case Register.secondTime: times.second
        case Register.count: UInt32(truncatingIfNeeded: now / Self.unit)
        default: 0
        }
    }

    mutating func store(_ value: UInt32, _ offset: UInt32, at now: Int) {
        switch offset {
        case Register.control:
            let was = isEnabled
            control = value & 0x3F
            if isEnabled, !was { restart(at: now) }
            if !isEnabled { (stage, due) = (0, nil) }
        case Register.firstTime: times.first = value
        case Register.secondTime: times.second = value
        case Register.feed where value & 0xFF == Self.food && isEnabled: restart(at: now)
        default: break
        }
    }

    private mutating func restart(at now: Int) {
        stage = 0
        due = now + length(times.first)
    }
}
