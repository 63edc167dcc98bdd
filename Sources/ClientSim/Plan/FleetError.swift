import UnitProtocol

/// Why a fleet does not start.
public enum FleetError: Error, Hashable, Sendable, CustomStringConvertible {
    case addressInUse(unit: String, address: IPv4Address, port: Int)
    case addressNotHere(unit: String, address: IPv4Address, port: Int)
    case cannotListen(unit: String, address: IPv4Address, port: Int, reason: String)
    case unreadableFile(path: String, reason: String)
    case tooManyUnits(count: Int, descriptors: Int)
    case noPoller(reason: String)

    public var description: String {
        switch self {
        case .addressInUse(let unit, let address, let port):
            "\(unit): \(address) port \(port) is in use; stop the program that listens there, "
                + "or give the unit another address or port"
        case .addressNotHere(let unit, let address, let port):
            "\(unit): \(address) port \(port) cannot be used, because this machine does not have the address; "
                + "take one of 127.0.0.0/8, or add it to an interface"
        case .cannotListen(let unit, let address, let port, let reason):
            "\(unit): cannot listen on \(address) port \(port): \(reason)"
        case .unreadableFile(let path, let reason):
            "the fleet file \(path) cannot be read: \(reason)"
        case .tooManyUnits(let count, let descriptors):
            "\(count) units need two descriptors each, but this process may open only \(descriptors); "
                + "raise the limit (ulimit -n), or split the fleet over several processes"
        case .noPoller(let reason):
            "no list of sockets to watch can be made: \(reason); raise the limit of open files (ulimit -n)"
        }
    }
}
