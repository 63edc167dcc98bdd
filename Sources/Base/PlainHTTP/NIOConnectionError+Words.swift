import Glibc
import NIOCore
import NIOPosix

extension NIOConnectionError {
    /// Why no address of a host took a connection, in the system's words, each once.
    var words: String {
        let reasons = connectionErrors.map { failure in
            switch failure.error {
            case let error as IOError: String(cString: strerror(error.errnoCode))
            case ChannelError.connectTimeout: "no answer in time"
            default: "\(failure.error)"
            }
        }
        var each: [String] = []
        for reason in reasons where !each.contains(reason) { each.append(reason) }
        return each.isEmpty ? "its name has no address" : each.joined(separator: ", ")
    }
}
