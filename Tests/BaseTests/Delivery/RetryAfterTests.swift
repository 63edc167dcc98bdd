import Testing

@testable import Base

@Suite struct RetryAfterTests {
    /// 1994-11-06 08:49:37, as in RFC 9110.
    private static let moment: Int64 = 784_111_777_000

    @Test(
        "seconds and dates are followed up to an hour; what is past or neither is not",
        arguments: [
            ("0", 0), ("7", 7), ("3600", 3600), ("999999", 3600), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30), ("Mon, 07 Nov 1994 00:00:00 GMT", 3600),
            ("Sun, 06 Nov 1994 08:49:36 GMT", nil),
            ("-1", nil), ("", nil), ("soon", nil), ("1.5", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sun, 99 Nov 1994 08:49:37 GMT", nil),
            ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 25:49:37 GMT", nil), (" 7", nil), ("99999999999999999999", nil),
        ] as [(String, Int?)])
    func pauses(value: String, seconds: Int?) {
        #expect(RetryAfter.pause(value, now: Self.moment) == seconds.map { .seconds($0) })
    }
}
