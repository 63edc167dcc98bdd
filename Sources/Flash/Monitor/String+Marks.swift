import Glibc

/// Finding the words of a report in a line, whatever stands before them. Byte for byte, as each line is searched for many.
extension String {
    /// Without spaces and tabs at both ends.
    var trimming: String {
        var text = self[...]
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return String(text.drop { $0 == " " || $0 == "\t" })
    }

    /// What stands behind the first `mark`; nil where there is none.
    func text(after mark: String) -> Substring? {
        offset(of: mark).map { self[utf8.index(utf8.startIndex, offsetBy: $0 + mark.utf8.count)...] }
    }

    /// The first `mark` and what stands behind it.
    func text(from mark: String) -> Substring? {
        offset(of: mark).map { self[utf8.index(utf8.startIndex, offsetBy: $0)...] }
    }

    func has(_ mark: String) -> Bool { offset(of: mark) != nil }

    /// Lines that ``LineAssembler`` makes hold no zero byte, at which this would end.
    private func offset(of mark: String) -> Int? {
        withCString { text in strstr(text, mark).map { UnsafePointer($0) - text } }
    }
}
