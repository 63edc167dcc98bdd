import Foundation
import NIOCore
import TestSupport
import Testing
import UnitProtocol

@testable import Hub

/// What the hub reads of a batch, beside what Foundation reads of it.
struct BatchParserTests {
    private static let run = "00112233445566778899aabbccddeeff"

    /// The batch as Foundation's decoder sees it.
    private struct Model: Decodable {
        struct Measurement: Decodable {
            var ip: String
            var value: String
            var key: String?
            var at: Int64?
            var age: Int64?
        }
        var measurements: [Measurement]

        var batch: [BatchMeasurement] {
            measurements.map {
                BatchMeasurement(
                    address: try? IPv4Address($0.ip), value: $0.value, key: $0.key.flatMap { MeasurementKey($0) },
                    claim: BaseClocks.Claim(at: $0.at, age: $0.age))
            }
        }
    }

    /// Nil where it is no batch.
    private func parsed(_ bytes: some Sequence<UInt8>) -> [BatchMeasurement]? {
        try? BatchParser.measurements(of: ByteBuffer(bytes: Array(bytes)))
    }

    private func decoded(_ bytes: some Sequence<UInt8>) -> [BatchMeasurement]? {
        (try? JSONDecoder().decode(Model.self, from: Data(bytes)))?.batch
    }

    private func one(_ member: String) -> String {
        #"{"measurements":[{"ip":"10.0.0.1","value":"1",\#(member)}]}"#
    }

    @Test("A batch is read whole: members in any order, unknown ones passed over, white space wherever it may stand")
    func whole() throws {
        let text = """
            \u{FEFF} {"more" : {"measurements":[1, -2.5e3, true, false, null, "\\ud83d\\ude00", {}, []]} ,
            "measurements"\t:\r\n [ {"key":"\(Self.run)-17","ip":"10.0.0.1","value":"512","at":1700000000000,"age":3},
            {"age" : null , "value":"a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00é", "x":[[["]"]]], "\\u0069p":"10.0\\u002e0.2",
            "key":"of somebody else","at":-0},{"value":"","ip":"10.0.0.256","key":"","at":null,"age":12e2} ] } \n
            """
        let key = try #require(MeasurementKey("\(Self.run)-17"))
        let expected = [
            BatchMeasurement(
                address: IPv4Address(bits: 0x0A00_0001), value: "512",
                key: key,
                claim: BaseClocks.Claim(at: 1_700_000_000_000, age: 3)),
            BatchMeasurement(
                address: IPv4Address(bits: 0x0A00_0002), value: "a\"\\/\u{8}\u{C}\n\r\té😀é", key: nil,
                claim: BaseClocks.Claim(at: 0, age: nil)),
            BatchMeasurement(address: nil, value: "", key: nil, claim: BaseClocks.Claim(at: nil, age: 1200)),
        ]
        #expect(parsed(text.utf8) == expected)
        #expect(decoded(text.utf8) == expected)
        #expect(parsed(#"{"measurements":[]}"#.utf8) == [])
    }

    @Test("Of members that come twice the first counts, as Foundation has it")
    func twice() {
        for text in [
            one(#""value":"2","ip":"10.0.0.2","at":1,"at":2,"age":3,"age":"x","key":null,"key":5"#),
            #"{"measurements":[],"measurements":5}"#, #"{"measurements":[],"measurements":[{}]}"#,
        ] {
            #expect(parsed(text.utf8) != nil && parsed(text.utf8) == decoded(text.utf8), "\(text)")
        }
    }

    @Test("A batch that is cut off is none, wherever it is cut")
    func truncated() {
        let text = Array(
            #"{"m":[{"a":"\u00e9"},1.5e-3,null],"measurements":[{"ip":"10.0.0.1","value":"\ud83d\ude00é","at":-12,"age":null}]}"#
                .utf8)
        #expect(parsed(text)?.count == 1)
        for length in 0..<text.count { #expect(parsed(text[..<length]) == nil, "\(length)") }
    }

    @Test(
        "Numbers: what is a whole number of 64 bits counts, all else is no batch",
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("1.0", 1),
            ("1e3", 1000), ("1E+3", 1000), ("15e-1", nil), ("1.5", nil), ("-0.0", 0),
            ("9007199254740991.0", 9_007_199_254_740_991),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999999999", nil),
            ("1e400", nil),
            ("01", nil), ("-", nil), ("+1", nil), ("1.", nil), (".5", nil), ("1e", nil), ("1e+", nil), ("0x10", nil),
            ("NaN", nil), ("--1", nil), ("1 2", nil), (#""1""#, nil), ("true", nil), ("[]", nil), ("{}", nil),
        ] as [(String, Int64?)])
    func numbers(_ text: String, _ value: Int64?) {
        for member in ["at", "age"] {
            let document = one(#""\#(member)":\#(text)"#)
            let claim = parsed(document.utf8)?.first?.claim
            #expect((member == "at" ? claim?.at : claim?.age) == value, "\(document)")
            #expect((parsed(document.utf8) == nil) == (value == nil), "\(document)")
            #expect(parsed(document.utf8) == decoded(document.utf8), "\(document)")
        }
    }

    @Test(
        "What is malformed, or of another type, is no batch",
        arguments: [
            "", " ", "null", "[]", "{}", "5", #""measurements""#, #"{"measurements":null}"#, #"{"measurements":{}}"#,
            #"{"measurements":[null]}"#, #"{"measurements":[[]]}"#, #"{"measurements":[{}]}"#,
            #"{"measurements":[{"ip":"10.0.0.1"}]}"#, #"{"measurements":[{"value":"1"}]}"#, #"{"measurements":[]}}"#,
            #"{"measurements":[{"ip":null,"value":"1"}]}"#, #"{"measurements":[{"ip":"10.0.0.1","value":1}]}"#,
            #"{"measurements":[{"ip":"10.0.0.1","value":"1","key":1}]}"#, #"{,"measurements":[]}"#,
            #"{"measurements" []}"#,
            #"{"measurements":[,]}"#, #"{'measurements':[]}"#,
            #"{measurements:[]}"#, #"{"measurements":[]} x"#, #"{"measurements":[]}{"measurements":[]}"#,
            #"{"measurements":[{"ip":"10.0.0.1" "value":"1"}]}"#,
            #"{"measurements":[{"ip":"10.0.0.1","value":"1"}{}]}"#,
            #"// {"measurements":[]}"#, #"{"measurements":[]/**/}"#, #"{"x":nul,"measurements":[]}"#,
            #"{"x":truefalse,"measurements":[]}"#, #"{"x":[1 2],"measurements":[]}"#, #"{"x":{1:2},"measurements":[]}"#,
        ])
    func malformed(_ text: String) {
        #expect(parsed(text.utf8) == nil)
        #expect(decoded(text.utf8) == nil)
    }

    @Test("A comma behind the last one is no JSON, though Foundation takes it")
    func lastComma() {
        for text in [
            #"{"measurements":[],}"#, #"{"measurements":[{"ip":"10.0.0.1","value":"1"},]}"#,
            #"{"measurements":[{"ip":"10.0.0.1","value":"1",}]}"#, #"{"x":[1,],"measurements":[]}"#,
        ] {
            #expect(parsed(text.utf8) == nil && decoded(text.utf8) != nil, "\(text)")
        }
    }

    @Test(
        "Strings that are none, read or passed over, make it no batch",
        arguments: [
            #"\u"#, #"\u12"#, #"\u12g4"#, #"\x"#, #"\"#, #"\ud800"#, #"\udc00"#, #"\ud800\ud800"#, #"\ud800x"#,
            #"\ud800\n"#, #"\udfff\ud800"#, #"\ud800\u0041"#, "\n", "\u{0}", "\u{1F}", "\t",
        ])
    func strings(_ text: String) {
        #expect(parsed(one(#""x":"\#(text)""#).utf8) == nil)
        #expect(parsed(one(#""\#(text)":1"#).utf8) == nil)
        #expect(parsed(#"{"measurements":[{"ip":"10.0.0.1","value":"\#(text)"}]}"#.utf8) == nil)
        #expect(decoded(#"{"measurements":[{"ip":"10.0.0.1","value":"\#(text)"}]}"#.utf8) == nil)
    }

    @Test("Bytes that are no UTF-8 make it no batch, wherever they stand")
    func notUTF8() {
        let bad: [[UInt8]] = [
            [0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
        ]
        let good = Array(one(#""x":"y""#).utf8)
        for bytes in bad {
            for place in 0...good.count {
                #expect(parsed(good[..<place] + bytes + good[place...]) == nil, "\(bytes) at \(place)")
            }
        }
        #expect(parsed(Data(one(#""x":"y""#).data(using: .utf16) ?? Data())) == nil)
    }

    @Test("What is nested deeper than is passed over makes it no batch, and nothing worse")
    func deep() {
        for (open, close) in [("[", "]"), (#"{"x":"#, "}"), (#"[{"x":"#, "}]")] {
            func nested(_ count: Int) -> String {
                one(#""x":"# + String(repeating: open, count: count) + "1" + String(repeating: close, count: count))
            }
            let depths = open.count(where: { $0 == "[" || $0 == "{" })
            // A measurement stands in three of them.
            let most = (BatchParser.maximumDepth - 3) / depths
            #expect(parsed(nested(most).utf8)?.count == 1)
            #expect(parsed(nested(most + 1).utf8) == nil)
            #expect(parsed(nested(100_000).utf8) == nil)
            #expect(parsed(String(repeating: open, count: 100_000).utf8) == nil)
        }
    }

    @Test("Generated batches, and what chance makes of them, are read as Foundation reads them, or not taken at all")
    func generated() {
        var random = SeededRandom(seed: 20_261_121)
        var (taken, refused) = (0, 0)
        for _ in 0..<4000 {
            var bytes = Array(BatchText(&random).text.utf8)
            let whole = parsed(bytes)
            #expect(whole != nil && whole == decoded(bytes), "\(String(decoding: bytes, as: UTF8.self))")
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 2: bytes.insert(Array(#"{}[]",:\0-eu"#.utf8).randomElement(using: &random) ?? 0, at: place)
                default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            guard let read = parsed(bytes) else {
                refused += 1
                continue
            }
            taken += 1
            #expect(read == decoded(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(taken > 200 && refused > 200, "taken \(taken), refused \(refused)")
    }
}

/// A batch as some sender may write it.
private struct BatchText {
    var text = ""

    init(_ random: inout SeededRandom) {
        let count = Int.random(in: 0...4, using: &random)
        let list = (0..<count).map { _ in Self.measurement(&random) }
        var members = [#""measurements"\#(Self.space(&random)):[\#(list.joined(separator: ","))]"#]
        if Bool.random(using: &random) {
            members.insert(
                #""\#(Self.string(&random))":\#(Self.value(&random, depth: 4))"#,
                at: Int.random(in: 0...1, using: &random))
        }
        text = Self.space(&random) + "{" + members.joined(separator: ",") + "}" + Self.space(&random)
    }

    private static func measurement(_ random: inout SeededRandom) -> String {
        let ips = ["10.0.0.1", "127.61.3.250", "10.0.0.01", "", "1.2.3", "255.255.255.255", #"\u0031.2.3.4"#]
        let keys = [
            "00112233445566778899aabbccddeeff-\(UInt16.random(in: 0...9999, using: &random))", "", "other", #"\u0030"#,
        ]
        var members = [
            #""ip":"\#(ips.randomElement(using: &random) ?? "")""#, #""value":"\#(string(&random))""#,
        ]
        if Bool.random(using: &random) { members.append(#""key":"\#(keys.randomElement(using: &random) ?? "")""#) }
        for name in ["at", "age"] where Bool.random(using: &random) {
            members.append(#""\#(name)":\#(whole(&random))"#)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            members.append(#""more":\#(value(&random, depth: 0))"#)
        }
        members.shuffle(using: &random)
        let spaces = (0..<3).map { _ in space(&random) }
        return spaces[0] + "{" + spaces[1] + members.joined(separator: "," + spaces[2]) + "}"
    }

    private static func whole(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: "null"
        case 1: "\(Int64.random(in: .min ... .max, using: &random))"
        case 2: "\(Int32.random(in: .min ... .max, using: &random)).0"
        case 3: "\(Int8.random(in: .min ... .max, using: &random))e\(Int.random(in: 0...5, using: &random))"
        default: "\(UInt32.random(in: .min ... .max, using: &random))"
        }
    }

    private static func string(_ random: inout SeededRandom) -> String {
        let pieces = [
            "a", "5", " ", "é", "😀", "\u{7F}", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u0000"#, #"\u00E9"#, #"\ud83d\ude00"#,
        ]
        return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> String {
        let kinds = depth == 0 ? 5 : 7
        switch Int.random(in: 0..<kinds, using: &random) {
        case 0: return "null"
        case 1: return "true"
        case 2: return "-1.25e-7"
        case 3: return whole(&random)
        case 4: return "\"\(string(&random))\""
        case 5:
            return "[\((0..<3).map { _ in value(&random, depth: depth - 1) }.joined(separator: space(&random) + ","))]"
        default: return #"{"\#(string(&random))":\#(value(&random, depth: depth - 1))}"#
        }
    }

    private static func space(_ random: inout SeededRandom) -> String {
        ["", "", "", " ", "\n\t", "\r\n  "].randomElement(using: &random) ?? ""
    }
}
