import Settings
import SerialPort
import UnitProtocol

/// Reads one board of a rig, and collects all that is wrong with it.
struct BoardReader {
    private let reader: SettingsReader

    init(_ reader: SettingsReader) {
        self.reader = reader
    }

    func board(_ name: String, line: Int) -> RigBoard? {
        let kind = reader.choice("kind", of: UnitKind.self)
        let driver = reader.choice("driver", of: Driver.self)
        if reader.node("kind") == nil { reader.report("kind", "is missing; it is read or lamp") }
        if reader.node("driver") == nil {
            let words = Driver.allCases.map(\.rawValue).joined(separator: ", ")
            reader.report("driver", "is missing; it is one of \(words)")
        }
        _ = reader.string("note", maximumLength: 10_000)
        let extra = Ability.read("abilities", reader)
        guard let kind, let driver else { return nil }
        var board = RigBoard(name: name, kind: kind, driver: driver, line: line, extra: extra)
        switch driver {
        case .simulated: simulated(&board)
        case .firmwareHost:
            board.start = [reader.string("folder") ?? ".build-firmware"]
            board.signal = signal(["uniform", "counter"])
        case .virtualBoard: board.options = reader.words("options") ?? []
        case .command:
            board.start = reader.program("start") ?? []
            if reader.node("start") == nil {
                reader.report("start", "is missing; it is the program and its arguments, as a list")
            }
        case .serial: real(&board)
        }
        reader.finish()
        return board
    }

    private func simulated(_ board: inout RigBoard) {
        if let profile = reader.string("profile") {
            if !["core-2.6", "core-3.1"].contains(profile) {
                reader.report("profile", "must be core-2.6 or core-3.1, not \"\(profile)\"")
            }
            board.profile = profile
        }
        if board.kind == .read { board.signal = signal(["uniform", "counter", "walk:20", "sine:60s"]) }
    }

    private func signal(_ known: [String]) -> String {
        guard let signal = reader.string("signal") else { return "counter" }
        let isKnown = known.contains(signal) || signal.hasPrefix("constant:")
        if !isKnown {
            reader.report("signal", "must be one of \(known.joined(separator: ", ")), constant:N, not \"\(signal)\"")
        }
        return signal
    }

    private func real(_ board: inout RigBoard) {
        board.address = reader.parsed("address") { try IPv4Address($0) }
        if let serial = reader.map("serial") {
            if let port = serial.parsed(
                "port",
                { text in
                    _ = try SerialAddress(text)
                    return text
                })
            {
                board.serial = RigBoard.SerialPlace(
                    port: port, baud: serial.integer("baud", in: 50...4_000_000) ?? 9600)
            } else if serial.node("port") == nil {
                serial.report("port", "is missing; it is a path, usb:serial=TEXT, or rfc2217://host:port")
            }
            _ = serial.node("baud")
            serial.finish()
        }
        board.firmware = reader.choice("firmware", of: RigBoard.Firmware.self)
        board.mayBeFlashed = reader.bool("may-be-flashed") ?? false
        if let wiring = reader.map("wiring") {
            board.wiring.resetLines = wiring.bool("reset-lines") ?? false
            if let node = wiring.node("lamp-readback") {
                switch node {
                case .string("console"): board.wiring.readback = .console
                case .list: board.wiring.readback = wiring.program("lamp-readback").map { .command($0) }
                default: wiring.report("lamp-readback", "must be console, or a program that prints colours, as a list")
                }
            }
            wiring.finish()
        }
        if let power = reader.map("power") { board.power = self.power(power) }
        if board.address == nil, board.serial == nil, reader.problems.isEmpty {
            reader.report(nil, "wants an address, a serial port, or both; nothing else reaches a real board")
        }
    }

    private func power(_ reader: SettingsReader) -> RigBoard.PowerSwitch? {
        let byHand = reader.bool("by-hand") ?? false
        let uhubctl = reader.map("uhubctl")
        let (on, off) = (reader.program("on"), reader.program("off"))
        var found: [RigBoard.PowerSwitch] = byHand ? [.byHand] : []
        if let uhubctl {
            let hub = uhubctl.string("hub")
            let port = uhubctl.integer("port", in: 1...64)
            if hub == nil || port == nil {
                uhubctl.report(nil, "wants hub and port, as uhubctl names them: hub: 1-1, port: 2")
            }
            uhubctl.finish()
            found.append(.uhubctl(hub: hub ?? "", port: port ?? 1))
        }
        if reader.node("on") != nil || reader.node("off") != nil {
            if reader.node("on") == nil || reader.node("off") == nil {
                reader.report(nil, "wants both on and off, each a program and its arguments, as a list")
            }
            found.append(.commands(on: on ?? [], off: off ?? []))
        }
        if found.count != 1 { reader.report(nil, "wants one of uhubctl, on with off, or by-hand: true") }
        reader.finish()
        return found.first
    }
}
