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

    var description: String {
        switch self {
        case .noConnection(let host, let port, let why): "no connection to \(host), port \(port): \(why)"
        case .connectionEnded(hasBegun: false): "the dashboard ended the connection without an answer"
        case .connectionEnded(hasBegun: true): "the dashboard ended the connection within its answer"
        case .unreadable(let why): "the dashboard's answer is not HTTP: \(why)"
        case .tooSlow: "the dashboard did not answer in time (webhook.timeout)"
        case .tooMany: "as many requests are under way as may be (webhook.concurrency)"
        case .closed: "the base is stopping"
        }
    }
}
