import Channels
import Foundation
import Testing

@Suite struct JSONValueTests {
    private let limits = JSONLimits(maximumBytes: 10_000)

    @Test(
        "what is read is written again the same",
        arguments: [
            "null", "true", "0", "-7", "9007199254740993", "1.5", "1.0", "1e3", "-0", "1e400", #""""#,
            #""a\"b\\c\n\r\t\u0001/é€😀""#, "[]",
            "[1,[2,[3]]]",
            "{}", #"{"a":{"b":[null,false]},"c":1}"#,
        ])
    func roundTrip(text: String) throws {
        #expect(try JSONValue(text: text, limits: limits).text == text)
    }

    @Test("members come sorted, numbers stay as they were written, and another reader finds the same")
    func canonical() throws {
        let value = try JSONValue(text: #" {"b" : 1.0, "a" : [ 1e2 , -0 ] } "#, limits: limits)
        #expect(value == ["a": [.number("1e2"), .number("-0")], "b": .number("1.0")])
        #expect(value.text == #"{"a":[1e2,-0],"b":1.0}"#)
        #expect(
            [value["b"]?.integer, value["a"]?.array?.first?.integer, JSONValue.number("1.5").integer] == [1, 100, nil])
        let deep: JSONValue = ["text": "\u{0}\u{1F}\u{7F}\u{2028}", "big": 1e300, "none": nil]
        let read = try JSONSerialization.jsonObject(with: Data(deep.text.utf8)) as? [String: Any]
        #expect(read?["text"] as? String == "\u{0}\u{1F}\u{7F}\u{2028}")
        #expect(read?["big"] as? Double == 1e300 && read?["none"] is NSNull)
    }

    @Test(
        "what is no JSON is refused", arguments: ["", " ", "nul", "{a:1}", "'a'", "1 2", #""\x""#, "01"])
    func notJSON(text: String) {
        #expect(throws: JSONProblem.notJSON) { try JSONValue(text: text, limits: limits) }
    }

    @Test("size and depth are limited before anything is built; bytes that are no UTF-8 are refused")
    func bounds() {
        #expect(throws: JSONProblem.tooLong(bytes: 10_001, limit: 10_000)) {
            try JSONValue(text: String(repeating: " ", count: 10_001), limits: limits)
        }
        #expect(throws: JSONProblem.tooDeep(limit: 32)) {
            try JSONValue(text: String(repeating: "[", count: 5000), limits: limits)
        }
        #expect(throws: Never.self) {
            try JSONValue(text: #""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""#, limits: limits)
        }
        #expect(throws: JSONProblem.notJSON) { try JSONValue(bytes: [0x22, 0xFF, 0x22], limits: limits) }
        #expect(throws: JSONProblem.notJSON) { try JSONValue(bytes: Array(#""\ud800""#.utf8), limits: limits) }
    }
}
