import Settings
import Testing

@Suite struct SettingsNodeParsingTests {
    @Test("JSON becomes a tree with its keys as they were written, repeats too")
    func jsonBecomesATree() throws {
        let node = try SettingsNode(json: #"{"b": [1, 2.5, 1e3, 1e400, true, null, "x"], "a": {"c": -1, "c": 0}}"#)
        #expect(
            node
                == .map([
                    SettingsEntry(
                        key: "b",
                        value: .list([
                            .integer(1), .double(2.5), .integer(1000), .double(.infinity), .bool(true), .null,
                            .string("x"),
                        ])),
                    SettingsEntry(
                        key: "a",
                        value: .map([
                            SettingsEntry(key: "c", value: .integer(-1)), SettingsEntry(key: "c", value: .integer(0)),
                        ])),
                ]))
    }

    @Test("YAML becomes a tree with lines, and quoted scalars stay strings")
    func yamlBecomesATreeWithLinesAnd() throws {
        let node = try SettingsNode(yaml: "a: 1\nb: '1'\nc: yes please\nd: 1s\n")
        #expect(
            node
                == .map([
                    SettingsEntry(key: "a", value: .integer(1), line: 1),
                    SettingsEntry(key: "b", value: .string("1"), line: 2),
                    SettingsEntry(key: "c", value: .string("yes please"), line: 3),
                    SettingsEntry(key: "d", value: .string("1s"), line: 4),
                ]))
    }

    @Test(
        "text that is not JSON is refused in words", arguments: ["{", "", "{\"a\": }", "nope", "{\"a\": 1} trailing"])
    func textThatIsNotJSONIsRefused(text: String) throws {
        let error = try #require(throws: SettingsError.self) { try SettingsNode(json: text) }
        #expect(error.description.hasPrefix("the document: is not JSON: "))
    }

    @Test(
        "text that is not YAML is refused in words on one line, with its place",
        arguments: [
            (
                "a:\n  b: [1, 2",
                "the document (line 3): is not YAML: did not find expected ',' or ']' at column 1, while parsing a flow sequence of line 2"
            ),
            (
                "a: b: c",
                "the document (line 1): is not YAML: mapping values are not allowed in this context at column 5"
            ),
            (
                "\t- x",
                "the document (line 1): is not YAML: found character that cannot start any token at column 1, while scanning for the next token of line 1"
            ),
            ("\u{7}", "the document: is not YAML: control characters are not allowed at byte 0"),
        ])
    func textThatIsNotYAMLIsRefused(text: String, words: String) throws {
        let error = try #require(throws: SettingsError.self) { try SettingsNode(yaml: text) }
        #expect(error.description == words)
    }

    @Test("nesting without end is refused, not followed")
    func nestingWithoutEndIsRefusedNotFollowed() throws {
        let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        #expect(throws: SettingsError.self) { try SettingsNode(json: deep) }
        #expect(throws: SettingsError.self) { try SettingsNode(yaml: deep) }
    }

    @Test("aliases that multiply are refused before they fill the memory")
    func aliasesThatMultiplyAreRefusedBeforeThey() throws {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(references)]\n"
        }
        let error = try #require(throws: SettingsError.self) { try SettingsNode(yaml: bomb) }
        #expect(error.description == "the document: has more than 200000 values")
    }

    @Test("every prefix of a document either parses or is refused")
    func everyPrefixOfADocumentEitherParses() {
        let text = "cohorts:\n  - {name: a, count: 3, addresses: 127.20.0.0/16, period: 1s}\n  - name: \"b\\n\"\n"
        for length in 0...text.count {
            _ = try? SettingsNode(yaml: String(text.prefix(length)))
            _ = try? SettingsNode(json: String(text.prefix(length)))
        }
    }
}
