/// The timers FRC1, which counts down from 23 bits, and FRC2, which counts 32 bits up.
///
/// Both count cycles at 80 MHz, or every 16th or 256th. Source: `timer_register.h`.
struct Timers {
    private enum Register {
        static let load: UInt32 = 0x00
        static let count: UInt32 = 0x04
        static let control: UInt32 = 0x08
        static let interrupt: UInt32 = 0x0C
        static let alarm: UInt32 = 0x10
    }

    /// What both have: a control register, and a count since a tick.
    struct Counter {
        fileprivate static let enabled: UInt32 = 1 << 7
        fileprivate static let reloads: UInt32 = 1 << 6
        fileprivate var control: UInt32 = 0
        fileprivate var load: UInt32 = 0
        /// The count at `since`.
        fileprivate var count: UInt32
        fileprivate var since = 0
        /// The next tick at which it asks for an interrupt.
        fileprivate var due: Int?
        /// Whether its interrupt is let out.
        var interrupts = false
        fileprivate var isAsking = false

        fileprivate init(count: UInt32) {
            self.count = count
        }

        var isInterrupting: Bool { isAsking && interrupts }
        fileprivate var isRunning: Bool { control & Self.enabled != 0 }

        fileprivate var divider: Int {
            switch control >> 2 & 3 {
            case 0: 1
            case 1: 16
            default: 256
            }
        }

        /// Whole counts since `since`.
        fileprivate func passed(at now: Int) -> Int { isRunning ? (now - since) / divider : 0 }
    }

    static let downMask: UInt32 = 0x7F_FFFF
    /// FRC1. Neither lets an interrupt out before it is told to, in the register of the chip's edge interrupts.
    var down = Counter(count: Self.downMask)
    /// FRC2.
    var up = Counter(count: 0)
    private var alarm: UInt32 = 0

    /// One that asks already cannot ask again.
    var nextEvent: Int? { [down, up].filter { !$0.isAsking }.compactMap(\.due).min() }

    /// Takes what is due by now.
    mutating func settle(at now: Int) {
        if let due = down.due, due <= now {
            down.isAsking = true
            let isReloaded = down.control & Counter.reloads != 0
            let period = isReloaded ? Int(max(1, down.load)) : Int(Self.downMask) + 1
            // Those that were missed together are one.
            let missed = (now - due) / (period * down.divider)
            (down.since, down.count) = (due + missed * period * down.divider, isReloaded ? max(1, down.load) : 0)
            down.due = down.since + period * down.divider
        }
        if let due = up.due, due <= now {
            up.isAsking = true
            up.due = due + (1 << 32) * up.divider
        }
    }

    private func downCount(at now: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: Int(down.count) - down.passed(at: now)) & Self.downMask
    }

    private func upCount(at now: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: Int(up.count) + up.passed(at: now))
    }

    func load(_ offset: UInt32, at now: Int) -> UInt32 {
        let isUp = offset >= 0x20
        let counter = isUp ? up : down
        return switch offset & 0x1F {
        case Register.load: counter.load
        case Register.count: isUp ? upCount(at: now) : downCount(at: now)
        case Register.control: counter.control | (counter.isAsking ? 1 << 8 : 0)
        case Register.interrupt: counter.isAsking ? 1 : 0
        case Register.alarm where isUp: alarm
        default: 0
        }
    }

    mutating func store(_ value: UInt32, _ offset: UInt32, at now: Int) {
        if offset >= 0x20 {
            up.count = upCount(at: now)
            up.since = now
            switch offset & 0x1F {
            case Register.load: (up.load, up.count) = (value, value)
            case Register.control: up.control = value & 0xFF
            case Register.interrupt: up.isAsking = false
            case Register.alarm: alarm = value
            default: break
            }
            let distance = alarm &- up.count
            up.due = up.isRunning ? now + (distance == 0 ? 1 << 32 : Int(distance)) * up.divider : nil
        } else {
            down.count = downCount(at: now)
            down.since = now
            switch offset {
            case Register.load: (down.load, down.count) = (value & Self.downMask, value & Self.downMask)
            case Register.control: down.control = value & 0xFF
            // Any write clears it: programs write 0 here, and 1.
            case Register.interrupt: down.isAsking = false
            default: break
            }
            let distance = down.count == 0 ? Int(Self.downMask) + 1 : Int(down.count)
            down.due = down.isRunning ? now + distance * down.divider : nil
        }
    }

    /// The CPU has seen the edge.
    mutating func acknowledgeEdges(_ lines: UInt32, down downLine: UInt32, up upLine: UInt32) {
        if lines & downLine != 0, down.control & 1 == 0 { down.isAsking = false }
        if lines & upLine != 0, up.control & 1 == 0 { up.isAsking = false }
    }
}
