import Foundation
import TestSupport
import Testing

/// The specification and the tests point at each other: a statement that nothing shows is a wish, and a test of a
/// statement that is not there is a mistake.
@Suite struct SpecificationTests {
    private let identifier = /(?:UP|CT|WH|CH|CF|SL)-\d{3}/

    private func texts(under folder: String, where matches: (String) -> Bool) throws -> [(name: String, text: String)] {
        let root = repositoryRoot.appending(path: folder)
        let names = try #require(FileManager.default.subpaths(atPath: root.path))
        return try names.filter(matches).sorted().map { name in
            ("\(folder)/\(name)", try String(contentsOf: root.appending(path: name), encoding: .utf8))
        }
    }

    /// The identifiers of the chapters' statements, each with the file that states it.
    private func statements() throws -> [(id: String, file: String)] {
        try texts(under: "firmware-spec") { $0.hasSuffix(".md") }.flatMap { file, text in
            text.split(separator: "\n").compactMap { line in
                line.prefixMatch(of: /\s*(?:[-*]\s+)?\*\*((?:UP|CT|WH|CH|CF|SL)-\d{3})\*\*/)
                    .map { (String($0.1), file) }
            }
        }
    }

    private func identifiers(in texts: [(name: String, text: String)]) -> Set<String> {
        Set(texts.flatMap { $0.text.matches(of: identifier).map { String($0.0) } })
    }

    @Test("every statement of the specification has a test or a vector")
    func everyStatementOfTheSpecificationHasA() throws {
        let stated = try statements()
        #expect(stated.count > 40)
        let tests = try texts(under: "Tests") { $0.hasSuffix(".swift") && !$0.hasPrefix("SpecificationTests") }
        let names = tests.map { file, text in (file, TestNames(in: text).running.joined(separator: "\n")) }
        let shown = identifiers(in: names + (try texts(under: "firmware-spec/vectors") { $0.hasSuffix(".json") }))
        let bare = stated.filter { !shown.contains($0.id) }.map { "\($0.id) in \($0.file)" }
        #expect(bare == [])
    }

    @Test("no identifier is given twice")
    func noIdentifierIsGivenTwice() throws {
        let repeated = Dictionary(grouping: try statements(), by: \.id).filter { $0.value.count > 1 }.keys.sorted()
        #expect(repeated == [])
    }

    @Test("tests and vectors name only identifiers that are stated")
    func testsAndVectorsNameOnlyIdentifiersThat() throws {
        let stated = Set(try statements().map(\.id))
        let named = identifiers(
            in: try texts(under: "Tests") { $0.hasSuffix(".swift") && !$0.hasPrefix("SpecificationTests") }
                + texts(under: "firmware-spec/vectors") { $0.hasSuffix(".json") })
        #expect(named.subtracting(stated).sorted() == [])
    }

    @Test("every vector tells what its bytes mean and where the fact comes from")
    func everyVectorTellsWhatItsBytesMean() throws {
        for (name, text) in try texts(under: "firmware-spec/vectors", where: { $0.hasSuffix(".json") }) {
            let file = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let vectors = try #require(file?["vectors"] as? [[String: Any]], "\(name): no vectors")
            #expect(file?["about"] is String, "\(name)")
            for (index, vector) in vectors.enumerated() {
                for key in ["id", "name", "means", "source"] {
                    let value = vector[key] as? String ?? ""
                    #expect(!value.isEmpty, "\(name) vector \(index) has no \(key)")
                }
            }
        }
    }
}
