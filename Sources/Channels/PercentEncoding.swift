import Foundation

extension String {
    /// With everything but RFC 3986's unreserved characters as %XX: safe as one segment of a path and as a form's value.
    public var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
