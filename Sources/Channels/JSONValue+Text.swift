import JSONSyntax

/// How much JSON a reader takes from a peer that it does not trust.
public struct JSONLimits: Equatable, Sendable {
    /// The longest text, in bytes of UTF-8.
    public var maximumBytes: Int
    /// The deepest nesting of arrays and objects; a lone string has depth 0.
    public var maximumDepth: Int

    public init(maximumBytes: Int, maximumDepth: Int = 32) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }
}

/// Why a text was not taken as JSON.
public enum JSONProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLong(bytes: Int, limit: Int)
    case tooDeep(limit: Int)
    case notJSON

    public var description: String {
        switch self {
        case .tooLong(let bytes, let limit): "\(bytes) bytes of JSON, at most \(limit) are taken"
        case .tooDeep(let limit): "JSON nested deeper than \(limit) levels"
        case .notJSON: "not JSON"
        }
    }
}

extension JSONValue {
    /// Reads JSON text (RFC 8259).
    ///
    /// - Throws: ``JSONProblem``. Nothing larger or deeper than the limits is built.
    public init(text: some StringProtocol, limits: JSONLimits) throws(JSONProblem) {
        try self.init(bytes: Array(text.utf8), limits: limits)
    }

    /// The same for bytes, which must be UTF-8.
    public init(bytes: [UInt8], limits: JSONLimits) throws(JSONProblem) {
        guard bytes.count <= limits.maximumBytes else {
            throw .tooLong(bytes: bytes.count, limit: limits.maximumBytes)
        }
        do {
            self.init(try JSONSyntax(bytes: bytes, maximumDepth: limits.maximumDepth))
        } catch {
            if case .tooDeep(let limit) = error { throw .tooDeep(limit: limit) }
            throw .notJSON
        }
    }

    /// Of equal keys the last one counts.
    private init(_ syntax: JSONSyntax) {
        switch syntax {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let literal):
            let number = Int(literal)
            self = number.map(String.init) == literal ? .integer(number ?? 0) : .number(literal)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map { JSONValue($0) })
        case .object(let members):
            self = .object(Dictionary(members.map { ($0.key, JSONValue($0.value)) }) { _, last in last })
        }
    }

    /// The value as JSON text without white space, members sorted by key.
    public var text: String {
        var result = ""
        write(to: &result)
        return result
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .integer(let number): text += String(number)
        case .number(let literal): text += literal
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
