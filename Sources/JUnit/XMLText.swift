extension String {
    /// As the text of an element, or the value of an attribute between double quotes.
    ///
    /// What XML 1.0 cannot hold at all becomes U+FFFD (Extensible Markup Language 1.0, section 2.2), line feeds and tabs stay.
    ///
    /// - Parameter isAttribute: A reader makes spaces of line feeds there, so they are written by their number.
    func xml(isAttribute: Bool) -> String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\n", "\t", "\r": text += isAttribute || scalar == "\r" ? "&#\(scalar.value);" : String(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
