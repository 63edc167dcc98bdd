import Foundation

/// Results as the XML that CI servers read.
struct JUnitReport {
    struct Case: Equatable {
        var name: String
        /// What is wrong; nil where nothing is.
        var failure: String?
    }

    var suite: String
    var cases: [Case]
    var seconds: Double

    var text: String {
        let failures = cases.count { $0.failure != nil }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuite name=\"\(Self.escaped(suite))\" tests=\"\(cases.count)\" failures=\"\(failures)\" "
        text += "time=\"\(seconds)\">\n"
        for one in cases {
            text += "  <testcase classname=\"\(Self.escaped(suite))\" name=\"\(Self.escaped(one.name))\""
            if let failure = one.failure {
                text += "><failure message=\"\(Self.escaped(failure))\"/></testcase>\n"
            } else {
                text += "/>\n"
            }
        }
        return text + "</testsuite>\n"
    }

    /// - Throws: ``FleetError/cannotWrite(path:reason:)``.
    func write(to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw FleetError.cannotWrite(path: path, reason: error.reason)
        }
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case _ where scalar.value < 0x20: " "
            default: String(scalar)
            }
        }.joined()
    }
}
