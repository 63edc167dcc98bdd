import Foundation
import UnitProtocol

/// How a unit that is a process is called, and how its lines are read.
struct UnitProgram: Equatable, Sendable {
    var executable: String
    var arguments: [String]
    /// What stands before each line of the console; other lines are none of the unit's.
    var prefix = ""
    /// What to do where the program is not there.
    var hint: String?

    /// - Parameters:
    ///   - iot: This command.
    ///   - unit: Its name in the suite.
    init(_ board: RigBoard, unit: String, address: IPv4Address, iot: URL) {
        switch board.driver {
        case .simulated:
            executable = iot.path
            prefix = "\(unit): "
            let kind = board.kind == .read ? ["sim", "read", "--signal", board.signal] : ["sim", "lamp"]
            arguments =
                kind + ["--name", unit, "--address", "\(address)", "--profile", board.profile, "--stop-with-parent"]
        case .firmwareHost:
            let folder = board.start.first ?? ".build-firmware"
            executable = "\(folder)/\(board.kind == .read ? "light-sensor" : "led-lamp")"
            arguments =
                ["--address", "\(address)", "--ssid", "hil", "--at-end-of-input", "exit"]
                + (board.kind == .read ? ["--signal", board.signal] : [])
            hint = "make firmware-host builds it"
        case .command, .virtualBoard, .serial:
            let words = board.start.map {
                $0.replacing("{address}", with: "\(address)").replacing("{name}", with: unit).replacing(
                    "{iot}", with: iot.path
                )
                .replacing("{kind}", with: board.kind.rawValue)
            }
            executable = words.first ?? ""
            arguments = Array(words.dropFirst())
        }
    }

    enum Line: Equatable {
        case console(String)
        case shows(Color)
        case listens
        case other
    }

    /// - Parameter isError: Whether it came on stderr.
    func read(_ line: String, isError: Bool) -> Line {
        guard isError || line.hasPrefix(prefix) else { return .other }
        let text = isError ? line : String(line.dropFirst(prefix.count))
        let printed = text.hasSuffix("\r") ? String(text.dropLast()) : text
        if isError || !prefix.isEmpty, printed.hasPrefix("shows #"),
            let color = HTMLColor.parse(Array(printed.dropFirst(6).utf8))
        {
            return .shows(color)
        }
        if isError { return printed.hasPrefix("listening ") ? .listens : .other }
        return .console(printed)
    }
}
