/// Goes through the bytes of one JSON text. Its recursion is as deep as the nesting that is allowed.
struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    var position = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func document() throws(JSONSyntaxError) -> JSONSyntax {
        skipWhiteSpace()
        let value = try value(depth: 0)
        skipWhiteSpace()
        guard current == nil else { throw malformed(.endExpected) }
        return value
    }

    /// - Parameter depth: How many arrays and objects the value stands in.
    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONSyntax {
        switch current {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try number())
        case _ where skip("true"): return .bool(true)
        case _ where skip("false"): return .bool(false)
        case _ where skip("null"): return .null
        default: throw malformed(.valueExpected)
        }
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) -> [JSONSyntax] {
        try enter(depth)
        var elements: [JSONSyntax] = []
        if skip("]") { return elements }
        repeat {
            skipWhiteSpace()
            elements.append(try value(depth: depth))
            skipWhiteSpace()
        } while skip(",")
        guard skip("]") else { throw malformed(.commaOrBracketExpected) }
        return elements
    }

    private mutating func members(depth: Int) throws(JSONSyntaxError) -> [JSONSyntax.Member] {
        try enter(depth)
        var members: [JSONSyntax.Member] = []
        if skip("}") { return members }
        repeat {
            skipWhiteSpace()
            guard current == UInt8(ascii: "\"") else { throw malformed(.keyExpected) }
            let key = try string()
            skipWhiteSpace()
            guard skip(":") else { throw malformed(.colonExpected) }
            skipWhiteSpace()
            members.append(JSONSyntax.Member(key: key, value: try value(depth: depth)))
            skipWhiteSpace()
        } while skip(",")
        guard skip("}") else { throw malformed(.commaOrBraceExpected) }
        return members
    }

    private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
        guard depth <= maximumDepth else { throw .tooDeep(limit: maximumDepth) }
        position += 1
        skipWhiteSpace()
    }

    /// `-`, an integer without leading zeros, perhaps a fraction, perhaps an exponent.
    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw malformed(.badNumber) }
    }

    private mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Passes `word` over when it stands here.
    private mutating func skip(_ word: StaticString) -> Bool {
        let isHere = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isHere { position += word.utf8CodeUnitCount }
        return isHere
    }

    func malformed(_ problem: JSONSyntaxError.Problem) -> JSONSyntaxError {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return .malformed(
            line: 1 + before.count { $0 == 0x0A }, column: 1 + position - lineStart, problem)
    }
}
