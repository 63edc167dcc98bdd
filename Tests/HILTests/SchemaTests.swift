import Foundation
import TestSupport
import Testing

@testable import HIL

@Suite(.enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct SchemaTests {
    @Test("What ships is right by the schemas, and what is wrong is not")
    func schemas() async throws {
        #expect(
            try await PythonPeer.run("hil_schemas.py", [repositoryRoot.path]) == [
                #"{"what": "suites that are wrong", "is": {}}"#, #"{"what": "wrong suites that are taken", "is": []}"#,
                #"{"what": "rigs that are wrong", "is": {}}"#, #"{"what": "wrong rigs that are taken", "is": []}"#,
            ])
    }

    @Test("The schemas and the documentation know each step and each ability, and no other")
    func words() throws {
        let schema = try JSONSerialization.jsonObject(
            with: Data(contentsOf: repositoryRoot.appending(path: "docs/hil-suite.schema.json")))
        let keys = ["$defs", "steps", "items", "properties"].reduce(schema) { ($0 as? [String: Any])?[$1] as Any }
        let steps = Set((keys as? [String: Any] ?? [:]).keys).subtracting(["within", "note"])
        #expect(steps == Set(StepKind.allCases.map(\.rawValue)))
        let guide = try String(contentsOf: repositoryRoot.appending(path: "docs/hil.md"), encoding: .utf8)
        for word in StepKind.allCases.map(\.rawValue) + Ability.allCases.map(\.rawValue)
            + Driver.allCases.map(\.rawValue)
            + Cable.Mode.allCases.map(\.rawValue)
        {
            #expect(guide.contains("`\(word)`"), "docs/hil.md says nothing of \(word)")
        }
        let rig = try JSONSerialization.jsonObject(
            with: Data(contentsOf: repositoryRoot.appending(path: "docs/hil-rig.schema.json")))
        let words = ["$defs", "ability", "enum"].reduce(rig) { ($0 as? [String: Any])?[$1] as Any }
        #expect(Set(words as? [String] ?? []) == Set(Ability.allCases.map(\.rawValue)))
    }
}
