import GRDB
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns every error into the JSON form of ``APIError``, and logs those that are the hub's own fault.
struct ErrorResponses: RouterMiddleware {
    typealias Context = HubRequestContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            if let refusal = Self.refusal(for: error) { return refusal.response }
            context.logger.error(
                "http.failed",
                metadata: [
                    "method": "\(request.method)", "path": "\(request.uri.path.prefix(200))", "error": "\(error)",
                ])
            return APIError.failed.response
        }
    }

    /// What to tell the client; nil when the error is the hub's own fault.
    private static func refusal(for error: any Error) -> APIError? {
        switch error {
        case let error as APIError: error
        case is MeasurementRefused, is AdmissionGate.Full: .busy
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL: .storageFull
        case is NIOTooManyBytesError: .tooLarge(RequestBodyLimit.bytes)
        case let error as HTTPError where error.status == .notFound: .notFound
        case let error as HTTPError where error.status == .contentTooLarge: .tooLarge(RequestBodyLimit.bytes)
        case let error as HTTPError where error.status.kind == .clientError:
            APIError(
                status: error.status, code: "bad_request",
                message: error.body ?? "The request could not be understood.")
        default: nil
        }
    }
}
