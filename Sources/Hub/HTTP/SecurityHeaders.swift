import Hummingbird

/// Headers that every answer carries: the pages run scripts and styles of the hub's own files only, and nobody frames
/// them.
///
/// The `Host` header is not checked. Under DNS rebinding a foreign page could send requests here under its own name, but
/// without the cookie (which belongs to the hub's name) and without a token it can do no more than fail to log in, and
/// ``LoginThrottle`` bounds that; a list of allowed names would break every reverse proxy that is not told of it.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = HubRequestContext

    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static let fields: [(HTTPFields.Element.Name, String)] = [
        ("Content-Security-Policy", contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ].compactMap { name, value in HTTPFields.Element.Name(name).map { ($0, value) } }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.fields {
            response.headers[name] = value
        }
        return response
    }
}
