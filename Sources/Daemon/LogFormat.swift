import Foundation
import Logging

/// How an event becomes a line.
public enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-01-31T12:00:00.000Z info hub hub.ready port=8080`.
    case text
    /// `time=2026-01-31T12:00:00.000Z level=info part=hub event=hub.ready port=8080`.
    case logfmt
    /// `{"time":"2026-01-31T12:00:00.000Z","level":"info","part":"hub","event":"hub.ready","port":"8080"}`.
    case json

    /// An event, before it is a line.
    struct Event {
        var time: String
        var level: Logger.Level
        /// The part that speaks.
        var part: String
        var name: String
        /// By their names.
        var fields: [(key: String, value: String)]
    }

    /// Without a line end. A field that has the name of what stands before it gets an underscore behind its own.
    func line(_ event: Event) -> String {
        let head = [
            ("time", event.time), ("level", event.level.rawValue), ("part", event.part), ("event", event.name),
        ]
        let names = Set(head.map(\.0))
        let fields = event.fields.map { (names.contains($0.key) ? $0.key + "_" : $0.key, $0.value) }
        switch self {
        case .text:
            return
                (["\(event.time) \(event.level.rawValue) \(event.part) \(LogText.escaped(event.name))"]
                + event.fields.map { "\($0.key)=\(LogText.quoted($0.value))" }).joined(separator: " ")
        case .logfmt:
            return (head + fields).map { "\($0)=\(LogText.quoted($1))" }.joined(separator: " ")
        case .json:
            return "{" + (head + fields).map { "\(LogText.json($0)):\(LogText.json($1))" }.joined(separator: ",") + "}"
        }
    }
}

/// Texts as they may stand in a line: what is logged may come from a hostile peer.
enum LogText {
    /// A value in logfmt's notation: bare when it is plain, else in double quotes with control characters escaped.
    static func quoted(_ value: String) -> String {
        let plain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "=" && scalar != "\\"
            }
        guard !plain else { return value }
        return "\"\(escaped(value).replacing("\"", with: "\\\""))\""
    }

    /// A JSON string, with what could act on a terminal escaped.
    static func json(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where isHidden(scalar):
                for unit in String(scalar).utf16 { result += "\\u" + hexadecimal(unit) }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Control characters never reach the terminal as they are.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isHidden(scalar): result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
    }

    private static func hexadecimal(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
