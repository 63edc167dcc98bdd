import Glibc

/// The lines that a terminal drives, all read and written in one call.
///
/// Source: Linux's ioctl_tty(2), TIOCMGET and TIOCMSET.
struct ModemLines {
    private var bits: Int32

    /// Nil where the terminal has no such lines.
    static func read(_ descriptor: Int32) -> ModemLines? {
        var bits: Int32 = 0
        return ioctl(descriptor, UInt(TIOCMGET), &bits) == 0 ? ModemLines(bits: bits) : nil
    }

    func write(_ descriptor: Int32) -> Bool {
        var bits = bits
        return ioctl(descriptor, UInt(TIOCMSET), &bits) == 0
    }

    var dtr: Bool {
        get { bits & TIOCM_DTR != 0 }
        set { set(TIOCM_DTR, newValue) }
    }

    var rts: Bool {
        get { bits & TIOCM_RTS != 0 }
        set { set(TIOCM_RTS, newValue) }
    }

    private mutating func set(_ bit: Int32, _ isOn: Bool) {
        bits = isOn ? bits | bit : bits & ~bit
    }
}
