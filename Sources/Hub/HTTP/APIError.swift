import Hummingbird

/// A request that the hub refuses, as the client sees it: `{"error": {"code": "unknown_device", "message": "…"}}`.
struct APIError: Error, Equatable, Sendable {
    let status: HTTPResponse.Status
    /// Stable, for programs.
    let code: String
    /// A sentence for people, which says what to do.
    let message: String
    var headers: HTTPFields = [:]

    var response: Response {
        struct Body: Encodable {
            struct Content: Encodable {
                let code: String
                let message: String
            }
            let error: Content
        }
        var response = Response.json(Body(error: .init(code: code, message: message)), status: status)
        response.headers.append(contentsOf: headers)
        return response
    }
}

// Who may do what.
extension APIError {
    static let notLoggedIn = APIError(
        status: .unauthorized, code: "not_logged_in",
        message: "This needs a login or a token; log in, or send Authorization: Bearer TOKEN.")

    static let badToken = APIError(
        status: .unauthorized, code: "bad_token",
        message: "This token is unknown or was revoked; make one with iot hub token create.")

    static let badCredentials = APIError(
        status: .unauthorized, code: "bad_credentials",
        message: "The user or the password is wrong; iot hub user password sets a new one.")

    static let forbidden = APIError(
        status: .forbidden, code: "forbidden",
        message: "This token may not do that; make one with another ability (admin, read, base or device).")

    static let crossSite = APIError(
        status: .forbidden, code: "cross_site",
        message: "From a browser, requests that change something must come from the hub's own pages.")

    static let notJSON = APIError(
        status: .unsupportedMediaType, code: "not_json",
        message: "This must say that its body is JSON: send Content-Type: application/json.")

    static let channelForbidden = APIError(
        status: .forbidden, code: "channel_forbidden", message: "This token may not listen to that channel.")

    static func throttled(_ retryAfter: Duration) -> APIError {
        let seconds = max(1, Int((retryAfter / .seconds(1)).rounded(.up)))
        return APIError(
            status: .tooManyRequests, code: "too_many_logins",
            message: "Too many logins have failed; wait \(seconds) s.", headers: [.retryAfter: "\(seconds)"])
    }
}

// What a request is about.
extension APIError {
    static let unknownDevice = APIError(
        status: .notFound, code: "unknown_device",
        message: "There is no such device; GET /api/devices lists those that exist.")

    static let unknownUnit = APIError(
        status: .notFound, code: "unknown_unit",
        message: "No such unit was found; GET /api/found-units lists those that were.")

    static let unknownToken = APIError(
        status: .notFound, code: "unknown_token",
        message: "There is no such token; GET /api/tokens lists those that exist.")

    static let inactiveDevice = APIError(
        status: .conflict, code: "inactive_device", message: "The device is not active; activate it first.")

    static let notUpdatable = APIError(
        status: .conflict, code: "not_updatable",
        message: "The device is a read unit; only updatable units take requests.")

    static let noBase = APIError(
        status: .serviceUnavailable, code: "no_base",
        message: "No base is connected, so nobody would pass the request on; start one with iot base.")

    static let noEncryptedBase = APIError(
        status: .serviceUnavailable, code: "no_base",
        message: "The hub encrypts requests, and the base that is connected takes them in clear only; set its "
            + "pusher.encryption to preferred or required.")

    static let noPlainBase = APIError(
        status: .serviceUnavailable, code: "no_base",
        message: "The hub sends requests in clear, and the base that is connected takes encrypted ones only; start the "
            + "hub with --encrypt, or set the base's pusher.encryption to preferred or off.")

    static func addressTaken(_ address: String) -> APIError {
        APIError(
            status: .conflict, code: "address_taken",
            message: "Another device has the address \(address); an address belongs to one device.")
    }

    static func invalid(_ reason: String) -> APIError {
        APIError(status: .unprocessableContent, code: "invalid", message: reason)
    }

    static func badValue(_ reason: String) -> APIError {
        APIError(status: .unprocessableContent, code: "bad_value", message: reason)
    }
}

// What is wrong with a request as such, or with the hub.
extension APIError {
    static let notFound = APIError(
        status: .notFound, code: "not_found", message: "There is nothing at this path.")

    static func tooLarge(_ limit: Int) -> APIError {
        APIError(
            status: .contentTooLarge, code: "too_large",
            message: "The body of the request is larger than \(limit / 1024) KiB.")
    }

    static let tooSlow = APIError(
        status: .requestTimeout, code: "too_slow",
        message: "The body of the request took more than \(RequestBodyLimit.time) to arrive.")

    static let busy = APIError(
        status: .serviceUnavailable, code: "busy",
        message: "The hub has more to do than it can; try again in a moment.", headers: [.retryAfter: "1"])

    static let storageFull = APIError(
        status: .init(code: 507, reasonPhrase: "Insufficient Storage"), code: "storage_full",
        message: "The disk of the hub's state directory is full; nothing was kept.")

    static let failed = APIError(
        status: .internalServerError, code: "internal",
        message: "Something went wrong in the hub; its log says what.")

    /// - Parameter reason: A part of a sentence, with or without its full stop.
    static func badJSON(_ reason: String) -> APIError {
        let end = reason.hasSuffix(".") ? "" : "."
        return APIError(
            status: .badRequest, code: "bad_json", message: "The body must be a JSON object; \(reason)\(end)")
    }

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> APIError {
        let list = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return APIError(
            status: .methodNotAllowed, code: "method_not_allowed", message: "This path takes \(list) only.",
            headers: [.allow: list])
    }
}
