import Foundation

/// A ``TextPattern`` made ready for many lines.
///
/// A regular expression may take longer than anybody lives (`(a+)+$`), so that it has so many steps a line, and sees no more of a line
/// than ``longest`` bytes.
struct LineMatcher: Sendable {
    /// In bytes: what stands further on in a line is not looked at.
    static let longest = 4096
    /// How often a match that is not found yet reports that it goes on; that is each 10 000 steps (ICU's regexcmp), so this is some
    /// tenths of a second.
    static let mostReports = 1000

    private enum Kind {
        case text(String)
        case regex(NSRegularExpression, String)
    }

    private let kind: Kind

    /// - Throws: ``HILError/failed(_:)`` where it is no regular expression.
    init(_ pattern: TextPattern) throws {
        switch pattern {
        case .text(let text): kind = .text(text)
        case .regex(let text):
            guard let regex = try? NSRegularExpression(pattern: text) else {
                throw HILError.failed("\(pattern) is no regular expression")
            }
            kind = .regex(regex, text)
        }
    }

    /// - Throws: ``HILError/failed(_:)`` where that takes too many steps.
    func matches(_ line: String) throws -> Bool {
        let line =
            line.utf8.count > Self.longest ? String(decoding: line.utf8.prefix(Self.longest), as: UTF8.self) : line
        switch kind {
        case .text(let text): return line.contains(text)
        case .regex(let regex, let text):
            var (isFound, reports) = (false, 0)
            regex.enumerateMatches(
                in: line, options: .reportProgress, range: NSRange(location: 0, length: line.utf16.count)
            ) { match, _, stop in
                isFound = match != nil
                reports += 1
                if isFound || reports > Self.mostReports { stop.pointee = true }
            }
            guard isFound || reports <= Self.mostReports else {
                throw HILError.failed(
                    "/\(text)/ takes too many steps for the line \(StepText.flow(.string(line))); write it without a repetition of "
                        + "what is a repetition")
            }
            return isFound
        }
    }
}
