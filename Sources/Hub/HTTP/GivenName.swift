/// What people call devices and tokens.
enum GivenName {
    static let rule = "must have 1 to 100 characters, and no control characters"

    static func allows(_ text: String) -> Bool {
        (1...100).contains(text.count) && text.utf8.count <= 1000 && !text.containsControlCharacters
            && text.contains { !$0.isWhitespace }
    }
}
