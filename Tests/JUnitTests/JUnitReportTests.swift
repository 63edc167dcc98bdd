import Foundation
import JUnit
import TestSupport
import Testing

@Suite struct JUnitReportTests {
    /// One of each kind, with text that would end an attribute, an element or a CDATA section.
    static let report = JUnitReport(
        name: "run \"<&>\"",
        suites: [
            JUnitSuite(
                name: "command", timestamp: "2026-01-31T12:00:00", seconds: 1.5,
                cases: [
                    JUnitCase(name: "plain"),
                    JUnitCase(
                        name: "flaky", seconds: 0.25, properties: [("rig", "sim"), ("a\"b", "<1 & 2>")],
                        outcome: .passed(after: [
                            .init("no\nline", details: "a ]]> b\u{1B}[31m\u{0}\u{FFFF}\n\tc"),
                            .init("no port", isError: true),
                        ]), output: "]]></system-out><script>&amp;\r\n"),
                    JUnitCase(name: "skipped", seconds: 0, outcome: .skipped("no power")),
                ]),
            JUnitSuite(
                name: "other", seconds: 1e-7,
                cases: [
                    JUnitCase(
                        name: "failed", seconds: 12.0004,
                        outcome: .wrong(.init("x", details: "y"), again: [.init("z"), .init("w", isError: true)])),
                    JUnitCase(name: "error", outcome: .wrong(.init("e", isError: true))),
                ]),
        ])

    @Test func `the text has sums, and each outcome in its own element`() {
        let report = JUnitReport(
            name: "fleet",
            suites: [
                JUnitSuite(
                    name: "fleet", seconds: 1.5,
                    cases: [
                        JUnitCase(name: "a"), JUnitCase(name: "b<\"&", outcome: .wrong(.init("2 > 1"))),
                    ])
            ])
        #expect(
            report.text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="fleet" tests="2" failures="1" errors="0" skipped="0" time="1.500">
                  <testsuite name="fleet" tests="2" failures="1" errors="0" skipped="0" time="1.500">
                    <testcase classname="fleet" name="a"/>
                    <testcase classname="fleet" name="b&lt;&quot;&amp;">
                      <failure message="2 &gt; 1" type="failure"/>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test(
        "another program's parser reads what was meant, by the elements that servers know",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func parser() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "junit.xml")
            try Data(Self.report.text.utf8).write(to: file)
            #expect(try await PythonPeer.run("junit_reader.py", [file.path]) == Self.read)
        }
    }

    private static let read = [
        #"testsuites {"errors": "1", "failures": "1", "name": "run \"<&>\"", "skipped": "1", "tests": "5", "time": "1.500"}"#,
        #"testsuite {"errors": "0", "failures": "0", "name": "command", "skipped": "1", "tests": "3", "#
            + #""time": "1.500", "timestamp": "2026-01-31T12:00:00"}"#,
        #"testcase {"classname": "command", "name": "plain"}"#,
        #"testcase {"classname": "command", "name": "flaky", "time": "0.250"}"#,
        #"property {"name": "rig", "value": "sim"}"#,
        #"property {"name": "a\"b", "value": "<1 & 2>"}"#,
        #"flakyFailure {"message": "no\nline", "type": "failure"} "a ]]> b\ufffd[31m\ufffd\ufffd\n\tc""#,
        #"flakyError {"message": "no port", "type": "error"}"#,
        #"system-out {} "]]></system-out><script>&amp;\r\n""#,
        #"testcase {"classname": "command", "name": "skipped", "time": "0.000"}"#,
        #"skipped {"message": "no power"}"#,
        #"testsuite {"errors": "1", "failures": "1", "name": "other", "skipped": "0", "tests": "2", "time": "0.000"}"#,
        #"testcase {"classname": "other", "name": "failed", "time": "12.000"}"#,
        #"failure {"message": "x", "type": "failure"} "y""#,
        #"rerunFailure {"message": "z", "type": "failure"}"#,
        #"rerunError {"message": "w", "type": "error"}"#,
        #"testcase {"classname": "other", "name": "error"}"#,
        #"error {"message": "e", "type": "error"}"#,
        "5 cases, counts agree",
    ]
}
