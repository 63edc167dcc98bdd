import ArgumentParser

/// A level that the outside gives to a pin.
struct DrivenPin: Sendable {
    var number: Int
    var level: Bool
    /// The lines of the flash: to drive one would end every program. Source: the pin list in the ESP8266EX datasheet (SDIO pins).
    private static let flash = 6...11

    /// Reads `5=1`.
    ///
    /// - Throws: `ValidationError`.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), ["0", "1"].contains(parts[1]) else {
            throw ValidationError("\"\(text)\" is no pin and level; write 5=1 for GPIO5 at 1, or 5=0")
        }
        guard GPIO.pins.contains(number) else {
            throw ValidationError(
                "\"\(text)\": there is no GPIO\(number); take one of GPIO0 to GPIO5 and GPIO12 to GPIO16")
        }
        guard !Self.flash.contains(number) else {
            throw ValidationError(
                "\"\(text)\": GPIO\(number) is a line of the flash, as are GPIO6 to GPIO11; take one of GPIO0 to GPIO5 and GPIO12 to GPIO16"
            )
        }
        self.number = number
        level = parts[1] == "1"
    }

    /// - Throws: `ValidationError` where one pin has two levels.
    static func check(_ pins: [DrivenPin]) throws {
        for (index, pin) in pins.enumerated()
        where pins[..<index].contains(where: { $0.number == pin.number && $0.level != pin.level }) {
            throw ValidationError(
                "--pin \(pin.number)=0 and --pin \(pin.number)=1 contradict each other; give GPIO\(pin.number) one level"
            )
        }
    }
}
