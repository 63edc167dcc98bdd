import Hummingbird

/// Routes with the methods that each path takes, so that another method is answered with 405 and not with 404.
struct RouteTable {
    typealias Handler = @Sendable (Request, HubRequestContext) async throws -> Response

    private let router: Router<HubRequestContext>
    private var methods: [String: [HTTPRequest.Method]] = [:]

    private static let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace]

    init(router: Router<HubRequestContext>) {
        self.router = router
    }

    /// Adds a route; GET answers HEAD as well.
    mutating func on(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
        router.on(RouterPath(path), method: method, use: handler)
        methods[path, default: []].append(method)
        guard method == .get else { return }
        router.on(RouterPath(path), method: .head) { request, context in
            try await handler(request, context).createHeadResponse()
        }
        methods[path, default: []].append(.head)
    }

    /// Adds the answers for the methods that were not named. Call it once, last.
    func refuseOtherMethods() {
        for (path, allowed) in methods {
            for method in Self.all where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw APIError.methodNotAllowed(allowed)
                }
            }
        }
    }
}
