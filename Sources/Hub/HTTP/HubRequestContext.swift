import Hummingbird
import NIOCore

/// What travels with a request through the hub.
struct HubRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who the client is, once ``Authentication`` has looked.
    var caller: Caller?
    /// True when a token was shown and is not known.
    var tokenRefused = false
    /// The client's address without its port; nil when the connection has none.
    let remoteAddress: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// The caller, when it may do what needs `ability`.
    ///
    /// - Throws: ``APIError/notLoggedIn``, ``APIError/badToken`` or ``APIError/forbidden``.
    @discardableResult
    func require(_ ability: Ability) throws -> Caller {
        guard let caller else { throw tokenRefused ? APIError.badToken : APIError.notLoggedIn }
        guard caller.may(ability) else { throw APIError.forbidden }
        return caller
    }

    /// The id in the path.
    ///
    /// - Throws: `missing` when it is none.
    func id(orThrow missing: APIError) throws -> Int64 {
        guard let text = parameters.get("id"), let id = Int64(text), id > 0 else { throw missing }
        return id
    }
}
