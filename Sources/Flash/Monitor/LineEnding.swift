/// What the board gets when Enter is pressed.
enum LineEnding: String, CaseIterable, Sendable {
    case lf
    case cr
    case crlf

    var bytes: [UInt8] {
        switch self {
        case .lf: [0x0A]
        case .cr: [0x0D]
        case .crlf: [0x0D, 0x0A]
        }
    }
}
