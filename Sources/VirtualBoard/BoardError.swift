/// Why a virtual board cannot be had.
enum BoardError: Error, Equatable, CustomStringConvertible {
    case flashFile(path: String, reason: String)
    /// The flash's file does not hold what was written to the flash.
    case flashLost(reason: String)
    case link(path: String, reason: String)
    case recordFile(path: String, reason: String)
    /// A file that the board wrote to as it went lacks some of it.
    case recordLost(path: String, reason: String)
    case symbols(path: String, reason: String)
    case unknownModel(String)
    case cannotListen(host: String, port: Int, reason: String)

    var description: String {
        switch self {
        case .flashFile(let path, let reason):
            "cannot use \(path) as the flash: \(reason); name another file with --flash"
        case .flashLost(let reason):
            "the flash is not what was written to it: \(reason)"
        case .link(let path, let reason):
            "cannot make the link \(path): \(reason); name another with --link"
        case .recordFile(let path, let reason):
            "cannot write to \(path): \(reason); name another file with --vcd, --uart1 or --trace"
        case .recordLost(let path, let reason):
            "\(path) does not hold all that was to be written to it: \(reason); make room, or name another file with --vcd, --uart1 or --trace"
        case .symbols(let path, let reason):
            "cannot read symbols from \(path): \(reason); name the ELF file of the firmware with --symbols"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host) port \(port): \(reason); name another port with --rfc2217, --tcp or --gdb (0 takes a free one)"
        case .unknownModel(let name):
            "\"\(name)\" is no board; known are: \(BoardModel.all.map(\.name).joined(separator: ", "))"
        }
    }
}
