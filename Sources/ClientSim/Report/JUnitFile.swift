import Foundation
import JUnit

/// What is right and what is wrong, as a file for CI servers.
struct JUnitFile {
    var suite: String
    var cases: [JUnitCase]
    var seconds: Double

    /// - Throws: ``FleetError/cannotWrite(path:reason:)``.
    func write(to path: String) throws {
        let report = JUnitReport(
            name: suite, suites: [JUnitSuite(name: suite, seconds: seconds, cases: cases)])
        do {
            try Data(report.text.utf8).write(to: URL(filePath: path))
        } catch {
            throw FleetError.cannotWrite(path: path, reason: error.reason)
        }
    }
}

extension JUnitCase {
    /// - Parameter failure: What is wrong; nil where nothing is.
    init(name: String, failure: String?) {
        self.init(name: name, outcome: failure.map { .wrong(Problem($0)) } ?? .passed())
    }
}
