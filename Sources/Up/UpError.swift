import UnitProtocol

/// Why the whole system could not be started, and what to do.
enum UpError: Error, Equatable, CustomStringConvertible {
    case hubPortBusy(Int)
    case unitAddressBusy(IPv4Address)
    case cannotListen(String, reason: String)
    case addressesRunOut(IPv4Address)
    case notLoopback(IPv4Address)
    case childKeepsFailing(String)
    case baseDoesNotListen(Duration)
    case unexpectedReadyLine(String, String)
    case stateDirectory(String, reason: String)
    case hubRefused(String, status: Int, body: String)

    var description: String {
        switch self {
        case .hubPortBusy(let port):
            "port \(port) on 127.0.0.1 is in use; choose another with --hub-port (0 takes a free one)"
        case .unitAddressBusy(let address):
            "\(address) port \(UnitPort.firmware) is in use, perhaps by another fleet; "
                + "choose other addresses with --units-from, such as 127.0.2.1"
        case .cannotListen(let address, let reason):
            "cannot listen on \(address): \(reason)"
        case .addressesRunOut(let first):
            "there are not enough loopback addresses from \(first) on; choose an earlier one with --units-from"
        case .notLoopback(let address):
            "\(address) is not a loopback address; --units-from takes one of 127.0.0.0/8"
        case .childKeepsFailing(let name):
            "the \(name) ends again and again; its own messages stand above"
        case .baseDoesNotListen(let limit):
            "the base did not come to listen for requests within \(limit); its own messages stand above"
        case .unexpectedReadyLine(let name, let line):
            "the \(name) said something else than that it is ready: \(line.prefix(200))"
        case .stateDirectory(let path, let reason):
            "cannot use the state directory \(path): \(reason); choose another with --state"
        case .hubRefused(let what, let status, let body):
            "the hub refused to \(what): \(status) \(body.prefix(300))"
        }
    }
}
