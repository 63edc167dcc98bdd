/// A JSON text (RFC 8259) as it was written: members keep their order and their repeats, numbers their digits.
public indirect enum JSONSyntax: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The literal, such as `1e3` or `0.10`.
    case number(String)
    case string(String)
    case array([JSONSyntax])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public var key: String
        public var value: JSONSyntax

        public init(key: String, value: JSONSyntax) {
            self.key = key
            self.value = value
        }
    }

    /// Reads one text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, perhaps with a byte order mark.
    ///   - maximumDepth: The deepest nesting of arrays and objects; a lone string has depth 0.
    /// - Throws: ``JSONSyntaxError`` for the first thing that is wrong.
    public init(bytes: [UInt8], maximumDepth: Int) throws(JSONSyntaxError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
        self = try parser.document()
    }
}
