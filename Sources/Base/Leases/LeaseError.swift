import Glibc

/// Why ownership could not be had or kept.
enum LeaseError: Error, Equatable, CustomStringConvertible {
    /// With the system's error number.
    case noKernelTimer(Int32)
    /// No etcd has answered; with why, of the last one.
    case unreachable(String)
    /// etcd has answered that it does not do this.
    case refused(String)
    case unreadable(String)
    /// etcd does not know the lease any more.
    case leaseGone
    /// Another base that lives has the name.
    case nameTaken(String)
    case tooManyKeys(Int)
    /// The lease was not renewed in time.
    case overdue

    /// Whether asking again may help while the lease lasts.
    var mayPass: Bool {
        switch self {
        case .unreachable, .refused, .unreadable, .tooManyKeys: true
        case .noKernelTimer, .leaseGone, .nameTaken, .overdue: false
        }
    }

    var description: String {
        switch self {
        case .noKernelTimer(let code):
            "the kernel gives no timer that ends this process when its lease does (timer_create: "
                + "\(String(cString: strerror(code)))); without it two bases could hold a unit"
        case .unreachable(let reason): "no etcd of cluster.etcd answers: \(reason)"
        case .refused(let reason): "etcd refuses: \(reason)"
        case .unreadable(let what): "etcd's answer cannot be read: \(what)"
        case .leaseGone: "etcd does not know the lease any more"
        case .nameTaken(let name):
            "a base named \(name) (cluster.name) holds a lease already; if it was killed, that ends by itself"
        case .tooManyKeys(let limit): "there are more than \(limit) keys below cluster.prefix"
        case .overdue: "the lease was not renewed in time"
        }
    }
}
