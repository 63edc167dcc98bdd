import Settings
import Testing

@Suite struct SettingsReaderTests {
    private enum Kind: String, CaseIterable {
        case read, updatable
    }

    private func problems(_ yaml: String, _ read: (SettingsReader) -> Void) throws -> [String] {
        let reader = SettingsReader(document: try SettingsNode(yaml: yaml))
        read(reader)
        return reader.problems.map(\.description)
    }

    @Test("reads every kind of value")
    func readsEveryKindOfValue() throws {
        let reader = SettingsReader(
            document: try SettingsNode(
                yaml: """
                    name: kitchen
                    count: 4
                    on: true
                    period: 250ms
                    kind: read
                    nested: {depth: 2}
                    list: [a, b]
                    """))
        #expect(reader.string("name") == "kitchen")
        #expect(reader.integer("count", in: 1...10) == 4)
        #expect(reader.bool("on") == true)
        #expect(reader.duration("period", in: .milliseconds(1)...Duration.seconds(10)) == .milliseconds(250))
        #expect(reader.choice("kind", of: Kind.self) == .read)
        #expect(reader.map("nested")?.integer("depth", in: 0...3) == 2)
        #expect(reader.list("list")?.compactMap { $0.parsed { $0 } } == ["a", "b"])
        reader.finish()
        #expect(reader.problems == [])
    }

    @Test("an absent key and a null are nil and no problem")
    func anAbsentKeyAndANullAre() throws {
        let found = try problems("a: null") { reader in
            #expect(reader.string("a") == nil)
            #expect(reader.string("b") == nil)
        }
        #expect(found == [])
    }

    @Test("says all that is wrong at once, each with its path and line")
    func saysAllThatIsWrongAtOnce() throws {
        let found = try problems(
            """
            name: 7
            cohorts:
              - count: 0
                kind: lamp
              - just text
            colour: red
            """
        ) { reader in
            _ = reader.string("name")
            for element in reader.list("cohorts") ?? [] {
                let cohort = element.map()
                _ = cohort.integer("count", in: 1...50_000)
                _ = cohort.choice("kind", of: Kind.self)
                cohort.finish()
            }
            reader.finish()
        }
        #expect(
            found == [
                "name (line 1): must be a string, not a whole number",
                "cohorts[0].count (line 3): must be from 1 to 50000, not 0",
                "cohorts[0].kind (line 4): must be one of \"read\", \"updatable\", not \"lamp\"",
                "cohorts[1] (line 2): must be a map, not a string",
                "colour (line 6): is not a key that is known here; known are: cohorts, name",
            ])
    }

    @Test("a key that is written twice is a problem")
    func aKeyThatIsWrittenTwiceIs() throws {
        let node = SettingsNode.map([
            SettingsEntry(key: "a", value: .integer(1)), SettingsEntry(key: "a", value: .integer(2)),
        ])
        #expect(SettingsReader(document: node).problems.map(\.description) == ["a: is written twice; keep one"])
    }

    @Test(
        "keys that are not known, however many, are looked for once each, and the first are named",
        .timeLimit(.minutes(1)))
    func manyUnknownKeys() {
        let count = 300_000
        let reader = SettingsReader(
            document: .map((0..<count).map { SettingsEntry(key: "key-\($0)", value: .null) }))
        _ = reader.string("name")
        reader.finish()
        let problems = reader.problems.map(\.description)
        #expect(problems.count == 101)
        #expect(problems[99] == "key-99: is not a key that is known here; known are: name")
        #expect(problems[100] == "the document: has \(count - 100) more problems; mend those above first")
    }

    @Test("a document that is not a map is a problem")
    func aDocumentThatIsNotAMap() throws {
        let found = try problems("- 1") { _ in }
        #expect(found == ["the document: must be a map, not a list"])
    }

    @Test(
        "a bad duration is named",
        arguments: [
            ("0s", "period (line 1): must be from 1ms to 1h, not 0s"),
            ("fast", "period (line 1): must be a time such as 250ms, 1s, 5m or 2h"),
            ("-1s", "period (line 1): must be a time such as 250ms, 1s, 5m or 2h"),
            ("2h", "period (line 1): must be from 1ms to 1h, not 2h"),
            ("90.0m", "period (line 1): must be from 1ms to 1h, not 90.0m"),
            ("5000", "period (line 1): must be from 1ms to 1h, not 5000, which counts seconds; write a unit: 5000ms"),
            ("-1", "period (line 1): must be a time such as 250ms, 1s, 5m or 2h"),
            (".inf", "period (line 1): must be a time such as 250ms, 1s, 5m or 2h"),
            ("1e300", "period (line 1): must be a time such as 250ms, 1s, 5m or 2h"),
        ])
    func aBadDurationIsNamed(text: String, message: String) throws {
        let found = try problems("period: \(text)") { reader in
            #expect(reader.duration("period", in: .milliseconds(1)...Duration.seconds(3600)) == nil)
        }
        #expect(found == [message])
    }
}
