/// What the ROM's line `rst cause:2, boot mode:(3,6)` says.
///
/// Source: Espressif, "ESP8266 Reset Causes and Common Fatal Exception Causes", and the Arduino core's documentation, "Boot
/// Messages and Modes". The first number of the mode is the pins GPIO15, GPIO0 and GPIO2 as bits.
struct BootReason: Equatable {
    var cause: Int
    var mode: Int

    var text: String {
        let why = Self.causes[cause] ?? "restarted for a reason the ROM does not name"
        let how = Self.modes[mode] ?? "starts from an SD card or a host (SDIO)"
        return "\(why); \(how)"
    }

    private static let causes = [
        1: "power has come on", 2: "restarted by its reset pin or from deep sleep", 3: "restarted by its program",
        4: "restarted by the watchdog",
    ]

    private static let modes = [
        0: "starts nothing (remapping; check GPIO0 and GPIO2)", 1: "waits in its serial loader",
        2: "starts nothing (jump; check GPIO2)", 3: "starts from its flash",
    ]
}
