import UnitProtocol

/// How reports look to a person.
enum ConsoleText {
    /// A console line without control characters: what a unit prints came from a peer.
    static func escaped(_ line: String) -> String {
        var text = ""
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _
            where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A colour as text, after a patch of it where the terminal can show one.
    static func color(_ color: Color, isTerminal: Bool) -> String {
        let patch = isTerminal ? "\u{1B}[48;2;\(color.red);\(color.green);\(color.blue)m    \u{1B}[0m " : ""
        return "shows \(patch)\(color)"
    }
}
