import NIOCore
import NIOHTTP1

/// A request without a body, and who waits for its end.
struct PlainRequest: Sendable {
    var method: HTTPMethod
    /// Path and query, percent-encoded, as they stand in the request's first line.
    var target: String
    /// Without `Host`.
    var headers: HTTPHeaders
    /// Called once, on the connections' event loop.
    var end: @Sendable (Result<PlainAnswer, PlainFailure>) -> Void
}
