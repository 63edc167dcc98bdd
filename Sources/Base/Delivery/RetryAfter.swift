import Glibc

/// The header `Retry-After` (RFC 9110, section 10.2.3): whole seconds, or a date as `Sun, 06 Nov 1994 08:49:37 GMT`.
enum RetryAfter {
    /// However long a dashboard asks for.
    static let longest = Duration.seconds(3600)

    /// How long it asks to be left alone.
    ///
    /// - Parameter now: By the wall clock: milliseconds since 1970. A clock that is wrong falsifies what a date says, at most up to
    ///   ``longest``.
    /// - Returns: Nil where it is neither, or in the past.
    static func pause(_ value: String, now: Int64) -> Duration? {
        if let seconds = Int(value) { return seconds >= 0 ? min(.seconds(seconds), longest) : nil }
        guard let moment = seconds(of: value) else { return nil }
        let pause = Duration.milliseconds(moment * 1000 - now)
        return pause >= .zero ? min(pause, longest) : nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970.
    private static func seconds(of date: String) -> Int64? {
        let form = /[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT/
        guard let parts = date.wholeMatch(of: form), let day = Int32(parts.1), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts.2)), let year = Int32(parts.3), year >= 1970,
            let hour = Int32(parts.4), hour < 24, let minute = Int32(parts.5), minute < 60, let second = Int32(parts.6),
            second <= 60
        else { return nil }
        var time = tm()
        (time.tm_mday, time.tm_mon, time.tm_year) = (day, Int32(month), year - 1900)
        (time.tm_hour, time.tm_min, time.tm_sec) = (hour, minute, second)
        return Int64(timegm(&time))
    }
}
