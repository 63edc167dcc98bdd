import UnitProtocol

/// What a worker is, its first line on stdin.
struct WorkerOrder: Codable, Hashable, Sendable {
    /// The fleet file, and a sum of its bytes: all workers run the same fleet or none does.
    var file: String
    var sum: UInt64
    var shardIndex: Int
    var shardCount: Int
    /// Where console text goes to, if to files.
    var consoleDirectory: String?
    var interest: Int
}

/// What a worker is asked, a line of JSON on stdin each.
struct WorkerRequest: Codable, Hashable, Sendable {
    enum Ask: String, Codable {
        case start, inject, snapshot, halt, stop
    }

    var id: Int
    var ask: Ask
    /// A fault as the control endpoint takes it.
    var event: String?
}

/// What a worker answers. To open is answered without a request, under the number zero.
struct WorkerAnswer: Codable, Hashable, Sendable {
    var id: Int
    var count: Int?
    var snapshot: FleetSnapshot?
    /// Numbers of units, each with what it and the other at its address have measured.
    var measured: [[Int]]?
    /// Whether more of this answer follows.
    var isPart: Bool?
    var error: String?
}

/// One line of a worker's stdout.
enum WorkerLine: Hashable, Sendable {
    case answer(String)
    case report(number: Int, UnitReport.Event)
    case problem(number: Int, String)

    /// Without its end.
    var text: String {
        switch self {
        case .answer(let json): "a \(json)"
        case .report(let number, .console(let line)): "l \(number) \(Self.escaped(line))"
        case .report(let number, .shows(let color)): "c \(number) \(color)"
        case .problem(let number, let why): "p \(number) \(Self.escaped(why))"
        }
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard let kind = parts.first, parts.count >= 2 else { return nil }
        if kind == "a" {
            self = .answer(String(text.dropFirst(2)))
            return
        }
        guard parts.count == 3, let number = Int(parts[1]) else { return nil }
        switch kind {
        case "l": self = .report(number: number, .console(Self.unescaped(parts[2])))
        case "c":
            guard let color = HTMLColor.parse(Array(parts[2].utf8)) else { return nil }
            self = .report(number: number, .shows(color))
        case "p": self = .problem(number: number, Self.unescaped(parts[2]))
        default: return nil
        }
    }

    /// A line is one line, whatever a peer has sent.
    private static func escaped(_ text: String) -> String {
        text.contains { $0 == "\\" || $0.isNewline }
            ? String(text.unicodeScalars.flatMap { escape($0) }.map(Character.init)) : text
    }

    private static func escape(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar {
        case "\\": ["\\", "\\"]
        case "\n": ["\\", "n"]
        default: [scalar]
        }
    }

    private static func unescaped(_ text: String) -> String {
        var (result, isEscaped) = (String.UnicodeScalarView(), false)
        for scalar in text.unicodeScalars {
            if isEscaped {
                result.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
