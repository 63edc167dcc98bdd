import UnitProtocol

/// A board of a rig: facts about it, as its owner has written them.
struct RigBoard: Equatable, Sendable {
    var name: String
    var kind: UnitKind
    var driver: Driver
    var line = 0
    /// Of simulated units: `core-2.6` or `core-3.1`.
    var profile = "core-3.1"
    /// What a sensor that is no real one measures.
    var signal = "counter"
    /// A folder with the reference firmware, or the program of driver `command` with its arguments.
    var start: [String] = []
    /// More arguments for `iot board`.
    var options: [String] = []
    var serial: SerialPlace?
    /// Of a real board.
    var address: IPv4Address?
    var wiring = Wiring()
    /// What a real board runs may be replaced, by what a suite writes and for good.
    var mayBeFlashed = false
    var power: PowerSwitch?
    /// What a real board runs.
    var firmware: Firmware?
    /// What the owner adds.
    var extra: Set<Ability> = []

    enum Firmware: String, Sendable, CaseIterable {
        case original
        case reference
    }

    struct SerialPlace: Equatable, Sendable {
        /// As `iot flash --port` takes it: `/dev/ttyUSB0`, `usb:serial=0001`, `rfc2217://host:port`.
        var port: String
        var baud = 9600
    }

    struct Wiring: Equatable, Sendable {
        /// DTR and RTS lead to GPIO0 and EN, as on NodeMCU and D1 mini.
        var resetLines = false
        var readback: Readback?
    }

    enum Readback: Equatable, Sendable {
        /// The console prints each command.
        case console
        /// A program that prints the colour, `#rrggbb`, as often as it changes.
        case command([String])
    }

    enum PowerSwitch: Equatable, Sendable {
        /// uhubctl's names of hub and port.
        case uhubctl(hub: String, port: Int)
        case commands(on: [String], off: [String])
        case byHand
    }

    var abilities: Set<Ability> {
        var abilities = extra
        switch driver {
        case .simulated:
            abilities.formUnion([.network, .serial, .reset, .power, .originalFirmware])
            if profile == "core-2.6", kind == .lamp { abilities.insert(.earlyClose) }
        case .firmwareHost:
            abilities.formUnion([.network, .serial, .serialInput, .reset, .power, .referenceFirmware])
            if kind == .lamp { abilities.formUnion([.earlyClose, .lineFeed]) }
        case .virtualBoard:
            abilities.formUnion([.serial, .serialInput, .reset, .power, .flash, .bootText, .brownOut])
        case .command:
            abilities.formUnion([.network, .serial, .reset, .power])
        case .serial:
            if address != nil { abilities.insert(.network) }
            if serial != nil { abilities.formUnion([.serial, .serialInput]) }
            if serial != nil, wiring.resetLines {
                abilities.formUnion([.reset, .bootText])
                if mayBeFlashed { abilities.insert(.flash) }
            }
            if power != nil { abilities.insert(.power) }
            if power != nil, power != .byHand, abilities.contains(.flash) { abilities.insert(.brownOut) }
            if wiring.readback != nil { abilities.insert(.lampReadback) }
            switch firmware {
            case .original: abilities.insert(.originalFirmware)
            case .reference:
                abilities.insert(.referenceFirmware)
                if kind == .lamp { abilities.formUnion([.earlyClose, .lineFeed]) }
            case nil: break
            }
        }
        if kind == .lamp, [.simulated, .firmwareHost, .command].contains(driver) { abilities.insert(.lampReadback) }
        if kind == .read, [.simulated, .firmwareHost].contains(driver), signal == "counter" {
            abilities.insert(.counts)
        }
        return abilities
    }
}
