import Glibc

/// Asks a driver not to gather bytes before it hands them on: an FTDI chip waits 16 ms for more, else.
///
/// Source: Linux's `struct serial_struct` (linux/serial.h), of which only the flags are touched. Drivers without the call
/// have nothing to ask for.
enum LowLatency {
    private static let getSerial: UInt = 0x541E
    private static let setSerial: UInt = 0x541F
    private static let flag: UInt32 = 1 << 13
    /// The fifth 32-bit word.
    private static let flagsIndex = 4
    /// Room for the structure on every machine.
    private static let words = 32

    static func ask(_ descriptor: Int32) {
        var structure = [UInt32](repeating: 0, count: words)
        guard ioctl(descriptor, getSerial, &structure) == 0, structure[flagsIndex] & flag == 0 else { return }
        structure[flagsIndex] |= flag
        _ = ioctl(descriptor, setSerial, &structure)
    }
}
