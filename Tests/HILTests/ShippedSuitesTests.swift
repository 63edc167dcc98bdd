import Foundation
import TestSupport
import Testing

@testable import HIL

/// What stands beside the suites that ship.
struct ShippedSuitesTests {
    @Test("Each suite is explained in hil/README.md, and catches one deliberate fault at least")
    func named() throws {
        let folder = repositoryRoot.appending(path: "hil")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "suites").path)
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        #expect(names.count > 20)
        let readme = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let mutants = try String(contentsOf: folder.appending(path: "mutants/run.py"), encoding: .utf8)
        for name in names {
            #expect(readme.contains("`\(name)`"), "hil/README.md says nothing of \(name)")
            #expect(
                mutants.contains(", \"\(name)\",") || mutants.contains(", \"\(name) ["),
                "no mutant of hil/mutants/run.py is for \(name)")
        }
    }
}
