/// Results as the XML that CI servers read.
///
/// There is no one standard. The elements are those that Apache's Surefire documents for Maven (`flakyFailure` and
/// `rerunFailure` with their kin among them), in a `testsuites` with sums, and `properties` in a case: what the servers that are
/// common read, or leave unread.
public struct JUnitReport: Equatable, Sendable {
    public var name: String
    public var suites: [JUnitSuite]

    public init(name: String, suites: [JUnitSuite]) {
        self.name = name
        self.suites = suites
    }

    public var text: String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let all = suites.flatMap(\.cases)
        text += "<testsuites\(Self.attributes(name, all, suites.reduce(0) { $0 + $1.seconds }))>\n"
        for suite in suites {
            text += "  <testsuite\(Self.attributes(suite.name, suite.cases, suite.seconds))"
            text += suite.timestamp.map { Self.attribute("timestamp", $0) } ?? ""
            text += ">\n"
            for one in suite.cases { text += Self.element(one, in: suite) }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private static func attributes(_ name: String, _ cases: [JUnitCase], _ seconds: Double) -> String {
        attribute("name", name) + attribute("tests", "\(cases.count)")
            + attribute("failures", "\(cases.count(where: \.isFailure))")
            + attribute("errors", "\(cases.count(where: \.isError))")
            + attribute("skipped", "\(cases.count(where: \.isSkipped))") + attribute("time", Self.time(seconds))
    }

    private static func element(_ one: JUnitCase, in suite: JUnitSuite) -> String {
        var head = "    <testcase" + attribute("classname", suite.name) + attribute("name", one.name)
        if let seconds = one.seconds { head += attribute("time", time(seconds)) }
        var inner = ""
        if !one.properties.isEmpty {
            inner += "      <properties>\n"
            for (name, value) in one.properties {
                inner += "        <property\(attribute("name", name))\(attribute("value", value))/>\n"
            }
            inner += "      </properties>\n"
        }
        switch one.outcome {
        case .passed(let before):
            for problem in before { inner += element("flaky", problem) }
        case .skipped(let reason):
            inner += "      <skipped\(attribute("message", reason))/>\n"
        case .wrong(let problem, let again):
            inner += element("", problem)
            for problem in again { inner += element("rerun", problem) }
        }
        if !one.output.isEmpty { inner += "      <system-out>\(one.output.xml(isAttribute: false))</system-out>\n" }
        return inner.isEmpty ? head + "/>\n" : head + ">\n" + inner + "    </testcase>\n"
    }

    /// - Parameter prefix: `flaky`, `rerun`, or nothing for the result itself.
    private static func element(_ prefix: String, _ problem: JUnitCase.Problem) -> String {
        let kind = problem.isError ? "error" : "failure"
        let name = prefix.isEmpty ? kind : prefix + kind.capitalizedFirst
        let head = "      <\(name)\(attribute("message", problem.message))\(attribute("type", kind))"
        return problem.details.isEmpty
            ? head + "/>\n" : head + ">\(problem.details.xml(isAttribute: false))</\(name)>\n"
    }

    private static func attribute(_ name: String, _ value: String) -> String {
        " \(name)=\"\(value.xml(isAttribute: true))\""
    }

    /// In seconds with three digits behind the point: no server reads an exponent.
    private static func time(_ seconds: Double) -> String {
        let thousandths = Int((max(0, min(seconds, 1e12)) * 1000).rounded())
        return "\(thousandths / 1000)." + String(String(thousandths % 1000 + 1000).dropFirst())
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
