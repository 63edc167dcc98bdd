import NIOCore
import NIOHTTP1

/// What a server has answered to one request.
struct PlainAnswer: Equatable, Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    /// Empty where it is longer than may be read, or did not come to its end.
    var body: ByteBuffer
}

/// Why there is no answer, not even a status.
enum PlainFailure: Error, Equatable, CustomStringConvertible {
    case noConnection(host: String, port: Int, why: String)
    /// - Parameter hasBegun: Whether some bytes of an answer had come.
    case connectionEnded(hasBegun: Bool)
    case unreadable(String)
    case tooSlow
    case tooMany
    case closed

    /// Whether it may be the fault of a connection that was kept too long, so that a new one may do better.
    var isOfConnection: Bool {
        switch self {
        case .connectionEnded(hasBegun: false), .unreadable: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .noConnection(let host, let port, let why): "no connection to \(host), port \(port): \(why)"
        case .connectionEnded(hasBegun: false): "the connection ended without an answer"
        case .connectionEnded(hasBegun: true): "the connection ended within the answer"
        case .unreadable(let why): "the answer is not HTTP: \(why)"
        case .tooSlow: "no answer in time"
        case .tooMany: "as many requests are under way as may be"
        case .closed: "the client is closed"
        }
    }
}
