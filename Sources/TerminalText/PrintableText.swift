/// What devices and programs say of themselves is shown, and never obeyed by the terminal that shows it.
extension Unicode.Scalar {
    /// Whether it only shows: no control, no change of the writing direction, no break of the line. The joiner of emoji is
    /// a format character that only joins.
    public var isPrintable: Bool {
        if self == "\u{200D}" { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return false
        default: return true
        }
    }

    /// How many columns of a terminal it takes.
    ///
    /// Source: Unicode's UAX #11 (East Asian Width), the blocks that are wide throughout; marks stand on what is before.
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: 0
        default: Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

extension String {
    /// With a question mark for each character that would do more than show.
    public var printable: String {
        String(UnicodeScalarView(unicodeScalars.map { $0.isPrintable ? $0 : "?" }))
    }

    /// How many columns of a terminal it takes.
    public var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// The beginning of it that takes no more than so many columns, with an ellipsis where that is not all.
    public func cut(to room: Int) -> String {
        guard columns > room else { return self }
        var cut = self
        while !cut.isEmpty, cut.columns >= room { cut.removeLast() }
        return cut + "…"
    }
}
