import Daemon
import UnitProtocol

/// Why a fleet does not start.
public enum FleetError: Error, Hashable, Sendable, CustomStringConvertible {
    case addressInUse(unit: String, address: IPv4Address, port: Int)
    case addressNotHere(unit: String, address: IPv4Address, port: Int)
    case cannotListen(unit: String, address: IPv4Address, port: Int, reason: String)
    case unreadableFile(path: String, reason: String)
    case unreadableSink(path: String, reason: String)
    case tooManyUnits(count: Int, descriptors: Int)
    case noPoller(reason: String)
    case emptyPart(Shard, units: Int)
    case tooManyWorkers(units: Int, descriptors: Int, wanted: Int)
    case otherFile(path: String)
    case workerEnded(worker: String, status: String)
    case workerSilent(worker: String, limit: Duration)
    case silentWorkers(Int, of: Int)
    case noControl(port: Int, reason: String)
    case badToken(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case notARun(path: String, reason: String)
    /// A worker's own words.
    case worker(String)

    /// As many processes as one command starts.
    static let mostWorkers = 64

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
        case .unreadableSink(let path, let reason):
            "what the sink has received, \(path), cannot be read: \(reason); name a file of lines, or - for stdin"
        case .tooManyUnits(let count, let descriptors):
            "\(count) units need two descriptors each, but this process may open only \(descriptors); "
                + "raise the limit (ulimit -n)"
        case .noPoller(let reason):
            "no list of sockets to watch can be made: \(reason); raise the limit of open files (ulimit -n)"
        case .emptyPart(let shard, let units):
            "part \(shard) of a fleet of \(units) \(units == 1 ? "unit" : "units") has none; take parts of \(max(units, 1)) at most"
        case .tooManyWorkers(let units, let descriptors, let wanted):
            "\(units) units would need more than \(FleetError.mostWorkers) processes, of which each may open only "
                + "\(descriptors) descriptors for units, beside \(DescriptorLimit.reserve) of its own; raise the hard limit to \(wanted) at least (ulimit -Hn \(wanted), as root), "
                + "or take a part of the fleet on each of several machines (--shard)"
        case .otherFile(let path):
            "the fleet file \(path) is not any more what it was when the fleet was started; start it again"
        case .workerEnded(let worker, let status):
            "worker \(worker) has ended (\(status)), so the fleet is not whole any more; what it said stands above; "
                + "start the fleet again"
        case .workerSilent(let worker, let limit):
            "worker \(worker) has not answered within \(limit); the machine may be too busy for so many units"
        case .silentWorkers(let count, let workers):
            "\(count) of \(workers) workers have not answered, so what is said of the fleet is without their units; look "
                + "what holds them up (stopped, or too many units for this machine)"
        case .noControl(let port, let reason):
            "the control endpoint cannot listen on 127.0.0.1 port \(port): \(reason); name another port, or 0 for a free one"
        case .badToken(let path, let reason):
            "the token file \(path) \(reason); delete it, and a new one is made"
        case .cannotWrite(let path, let reason):
            "\(path) cannot be written: \(reason)"
        case .notARun(let path, let reason):
            "\(path) is not the report of a run: \(reason); name what iot sim fleet --report has written"
        case .worker(let text): text
        }
    }
}
