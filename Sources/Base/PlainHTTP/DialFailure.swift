import Glibc
import NIOCore
import NIOPosix

/// Why no connection was made, in the words of the system.
enum DialFailure {
    /// Of what each address of a host has said, each once; other errors as they are.
    static func words(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return word(error) }
        var each: [String] = []
        for reason in error.connectionErrors.map({ word($0.error) }) where !each.contains(reason) {
            each.append(reason)
        }
        return each.isEmpty ? "its name has no address" : each.joined(separator: ", ")
    }

    private static func word(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: "no answer in time"
        default: "\(error)"
        }
    }
}
