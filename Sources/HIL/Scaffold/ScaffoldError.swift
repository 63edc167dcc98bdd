import TerminalText

/// Why no suite is written.
enum ScaffoldError: Error, Equatable, Sendable, CustomStringConvertible {
    case badName(String)
    case exists(path: String)
    case cannotWrite(path: String, reason: String)

    var description: String {
        switch self {
        case .badName(let name):
            "\"\(name.printable)\" cannot name a suite; take letters, digits, - and _, \(SuiteName.longest) at most, and begin with "
                + "none that is -: reboot-twice"
        case .exists(let path):
            "\(path.printable) is there already, and is left as it is; take another name"
        case .cannotWrite(let path, let reason):
            "\(path.printable) cannot be written: \(reason)"
        }
    }
}
