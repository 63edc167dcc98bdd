/// What a board of a rig can be asked to do, or can be seen doing. Each follows from the board's driver and wiring; a rig adds
/// what only its owner knows.
enum Ability: String, Sendable, CaseIterable {
    /// It is in the network: the base reaches it, and so does the runner.
    case network
    /// Its console can be read.
    case serial
    /// What is typed on its console arrives.
    case serialInput = "serial-input"
    /// It can be restarted with the power on.
    case reset
    /// Its power can be switched, by a switch, a command or a person.
    case power
    /// Programs can be written into its flash over its serial port, and its owner has allowed it.
    case flash
    /// The ROM's text at a start can be read.
    case bootText = "boot-text"
    /// Its power can fail in the midst of writing the flash.
    case brownOut = "brown-out"
    /// What its lamp shows can be read.
    case lampReadback = "lamp-readback"
    /// It runs the firmware of firmware-spec/reference.
    case referenceFirmware = "reference-firmware"
    /// It runs one of the original sketches, or what simulates one.
    case originalFirmware = "original-firmware"
    /// A command counts though its sender has closed before it was read: the reference, and originals up to core 2.6.
    case earlyClose = "early-close"
    /// LF ends a command at once: the reference alone.
    case lineFeed = "line-feed"
    /// Its sensor counts: 1 more each time, from its start on.
    case counts
}
