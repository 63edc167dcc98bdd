import Foundation
import JSONSyntax
import Testing

@Suite struct JSONSyntaxTests {
    private func read(_ text: String) throws(JSONSyntaxError) -> JSONSyntax {
        try JSONSyntax(bytes: Array(text.utf8), maximumDepth: 3)
    }

    @Test("members keep their order and their repeats, numbers their digits")
    func asWritten() throws {
        let text = "\u{FEFF} {\"b\": [1e3, -0.10, 1E+20 , {}] ,\r\n\t\"a\":null, \"b\": [ ], \"c\":true,\"d\":false} "
        #expect(
            try read(text)
                == .object([
                    .init(key: "b", value: .array([.number("1e3"), .number("-0.10"), .number("1E+20"), .object([])])),
                    .init(key: "a", value: .null), .init(key: "b", value: .array([])),
                    .init(key: "c", value: .bool(true)), .init(key: "d", value: .bool(false)),
                ]))
    }

    @Test(
        "strings and their escapes",
        arguments: [
            (#""""#, ""), (#""aé€😀/""#, "aé€😀/"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC\ud83d\uDE00\u0000""#, "Aé€😀\u{0}"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
        ])
    func strings(text: String, expected: String) throws {
        #expect(try read(text) == .string(expected))
    }

    @Test(
        "what is wrong is said with its place",
        arguments: [
            ("", "line 1, column 1: a value is expected here"), ("nul", "line 1, column 1: a value is expected here"),
            ("[1,\n 'a']", "line 2, column 2: a value is expected here"),
            ("[1,]", "line 1, column 4: a value is expected here"),
            ("[1 2]", "line 1, column 4: a comma or ] is expected here"),
            ("{a:1}", "line 1, column 2: a key in double quotes is expected here"),
            (#"{"a":1,}"#, "line 1, column 8: a key in double quotes is expected here"),
            (#"{"a" 1}"#, "line 1, column 6: a colon is expected after the key"),
            (#"{"a":1"#, "line 1, column 7: a comma or } is expected here"),
            ("1 2", "line 1, column 3: nothing may follow the value"),
            ("01", "line 1, column 2: nothing may follow the value"),
            ("-", "line 1, column 2: this is no number of JSON"), ("1.", "line 1, column 3: this is no number of JSON"),
            ("1e+", "line 1, column 4: this is no number of JSON"),
            ("+1", "line 1, column 1: a value is expected here"),
            (#""a"#, "line 1, column 3: the string does not end"),
            ("\"a\nb\"", "line 1, column 3: a control character in a string must be escaped"),
            (#""\x""#, "line 1, column 2: this is no escape of JSON"),
            (#""\u12+4""#, "line 1, column 2: this is no escape of JSON"),
            (#""\"#, "line 1, column 2: this is no escape of JSON"),
            (#""\ud83d""#, "line 1, column 2: this is one half of a surrogate pair"),
            (#""\ude00\ud83d""#, "line 1, column 2: this is one half of a surrogate pair"),
            ("[[[[1]]]]", "it is nested deeper than 3 levels"),
        ])
    func mistakes(text: String, expected: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try read(text) }
        #expect(error?.description == expected)
    }

    @Test("bytes that are no UTF-8 are refused")
    func encoding() {
        #expect(throws: JSONSyntaxError.notUTF8) { try JSONSyntax(bytes: [0x22, 0xFF, 0x22], maximumDepth: 3) }
    }

    @Test("mutated texts are taken and refused as Foundation's reader does", arguments: 1...20)
    func mutated(seed: UInt64) {
        var state = seed
        func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(sides))
        }
        // No letter of an exponent is put in: a number beyond all bounds is JSON, but not to Foundation.
        let original = Array(#"{"a":[1,-2.5e3,true,null,{"b":"c\n\u00e9"}],"d":{"e":false}}"#.utf8)
        let alphabet = Array(#"{}[]",:\-+.01u ntf"#.utf8)
        for _ in 0..<500 {
            var bytes = original
            for _ in 0...roll(3) { bytes[roll(bytes.count)] = alphabet[roll(alphabet.count)] }
            let isRead = (try? JSONSyntax(bytes: bytes, maximumDepth: 100)) != nil
            let isReadByOthers =
                (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            #expect(isRead == isReadByOthers, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}
