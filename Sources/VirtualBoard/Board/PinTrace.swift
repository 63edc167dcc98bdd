/// Writes what the pins do as a value change dump, which logic analysers' programs read.
///
/// Source of the format: IEEE 1364, value change dump files.
final class PinTrace: PinWatcher {
    let file: RecordFile
    private var time = 0
    /// What is written; bit 16 is GPIO16.
    private var levels: UInt32

    /// - Parameter pins: The levels that are driven from outside.
    init(file: RecordFile, pins: [Int: Bool]) {
        self.file = file
        var gpio = GPIO()
        gpio.driven = pins
        gpio.reset()
        levels = gpio.levels
        var text = "$timescale 1 ns $end\n$scope module esp8266 $end\n"
        for pin in GPIO.pins { text += "$var wire 1 \(Self.mark(pin)) GPIO\(pin) $end\n" }
        text += "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n"
        for pin in GPIO.pins { text += "\(gpio.levels >> UInt32(pin) & 1)\(Self.mark(pin))\n" }
        file.write(Array((text + "$end\n").utf8))
    }

    func changed(pin: Int, to level: Bool, at time: Duration) {
        // The chip tells its first levels, too, which are in the head of the file.
        guard levels >> UInt32(pin) & 1 != (level ? 1 : 0) else { return }
        levels ^= 1 << UInt32(pin)
        let nanoseconds = Int(time / .nanoseconds(1))
        var text = ""
        if nanoseconds > self.time {
            text = "#\(nanoseconds)\n"
            self.time = nanoseconds
        }
        file.write(Array((text + "\(level ? 1 : 0)\(Self.mark(pin))\n").utf8))
    }

    private static func mark(_ pin: Int) -> Character { Character(UnicodeScalar(UInt8(0x21 + pin))) }
}
