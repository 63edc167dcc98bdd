import Foundation

/// A regular expression, as ICU has them, that is looked for in a line for no longer than a limit.
///
/// Some patterns take a time that doubles with every character of a line (`(\w+\s?)*:`), so a search can be given up; this
/// engine asks every few thousand steps whether to go on.
struct LinePattern {
    enum Answer: Equatable {
        case found
        case notFound
        /// The limit has passed, or the engine's memory for such a search was used up.
        case givenUp
    }

    let text: String
    private let expression: NSRegularExpression
    /// Of processor time, so that a machine that is busy otherwise counts for nothing. A line of 4096 bytes takes an ordinary
    /// pattern less than a hundredth of it.
    static let limit = Duration.milliseconds(100)

    /// - Throws: ``FlashError/usage(_:)`` where the text is no regular expression.
    init(_ text: String) throws(FlashError) {
        self.text = text
        do {
            expression = try NSRegularExpression(pattern: text)
        } catch {
            throw .usage("\"\(text)\" is no regular expression")
        }
    }

    func search(_ line: String) -> Answer {
        let end = Self.used + Self.limit
        var answer = Answer.notFound
        let whole = NSRange(location: 0, length: line.utf16.count)
        expression.enumerateMatches(in: line, options: .reportProgress, range: whole) { match, flags, stop in
            if match != nil {
                answer = .found
            } else if flags.contains(.internalError) || Self.used >= end {
                answer = .givenUp
            } else {
                return
            }
            stop.pointee = true
        }
        return answer
    }

    /// The processor time of this thread.
    private static var used: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
