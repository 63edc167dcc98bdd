import Hummingbird

/// Tells requests of the hub's own pages from those that another site makes a browser send (CSRF).
///
/// A form on another site can send neither `Content-Type: application/json` nor a foreign `Origin` that is hidden, and a
/// script there would need a CORS permission, which the hub never gives. `SameSite=Strict` on the cookie stands before
/// all this, but not before programs on other ports of the same host: for browsers they are the same site, with the same
/// cookies, and only their `Origin` tells them apart.
enum CrossSiteRule {
    /// Lets a request pass that changes something and counts on the cookie, or asks for one.
    ///
    /// - Throws: ``APIError/crossSite``; ``APIError/notJSON`` when only the content type is missing or another one.
    static func check(_ request: Request) throws(APIError) {
        guard comesFromOwnPage(request) else { throw .crossSite }
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" }
        guard mediaType?.lowercased().trimming(" ") == "application/json" else { throw .notJSON }
    }

    /// False when the browser says otherwise; programs say nothing.
    private static func comesFromOwnPage(_ request: Request) -> Bool {
        if let site = HTTPFields.Element.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site != "same-origin"
        {
            return false
        }
        return isOwn(origin: request.headers[.origin], authority: request.head.authority)
    }

    /// Whether a page of this origin came from this host and port; programs name no origin.
    static func isOwn(origin: String?, authority: String?) -> Bool {
        guard let origin else { return true }
        guard let authority else { return false }
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
