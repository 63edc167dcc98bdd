import Hummingbird

/// Tells requests of the hub's own pages from those that another site makes a browser send (CSRF).
///
/// A form on another site can send neither `Content-Type: application/json` nor a foreign `Origin` that is hidden, and a
/// script there would need a CORS permission, which the hub never gives. `SameSite=Strict` on the cookie stands before
/// all this, but not before programs on other ports of the same host: for browsers they are the same site, with the same
/// cookies, and only their `Origin` tells them apart.
enum CrossSiteRule {
    /// Whether a request that changes something may count on the cookie.
    static func permits(_ request: Request) -> Bool {
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" }
        guard mediaType?.lowercased().trimming(" ") == "application/json" else { return false }
        if let site = HTTPFields.Element.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site != "same-origin"
        {
            return false
        }
        guard let origin = request.headers[.origin] else { return true }
        guard let authority = request.head.authority else { return false }
        return origin == "http://\(authority)" || origin == "https://\(authority)"
    }
}

extension String {
    fileprivate func trimming(_ character: Character) -> Substring {
        var rest = self[...]
        while rest.first == character { rest = rest.dropFirst() }
        while rest.last == character { rest = rest.dropLast() }
        return rest
    }
}
