import Foundation
import TestSupport
import Testing

@testable import HIL

@Suite struct OutputFolderTests {
    private func page() throws -> ReportPage {
        try ReportPage(
            resources: BuiltCommand.executable().deletingLastPathComponent().appending(path: "iot_HIL.resources"))
    }

    @Test func `results go into files beside the transcripts, and a later run takes their place`() throws {
        try withTemporaryDirectory { folder in
            let url = folder.appending(path: "results")
            var output: OutputFolder! = try OutputFolder(url)
            let first = try output.transcriptFolder(case: "command [a=/../b]", number: 0, attempt: 1)
            let second = try output.transcriptFolder(case: "command [a=/../b]", number: 0, attempt: 2)
            #expect(first.path == "transcripts/1-command__a_____b_")
            #expect(second.path == "transcripts/1-command__a_____b_-attempt-2")
            try output.write(SampleRun.run, page: page())
            let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
            #expect(names == [".iot-hil-results", "junit.xml", "report.html", "run.json", "transcripts"])
            let summary = try JSONSerialization.jsonObject(with: Data(contentsOf: url.appending(path: "run.json")))
            let verdicts = (summary as? [String: Any])?["verdicts"] as? [String: Int]
            #expect(
                verdicts == [
                    "passed": 1, "failed": 1, "flaky": 1, "skipped": 1, "infrastructure": 1, "interrupted": 0,
                    "not-run": 0,
                ])
            #expect(throws: ReportError.otherRun(path: url.path)) { try OutputFolder(url) }
            output = nil
            _ = try OutputFolder(url)
            let left = try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
            #expect(left == [".iot-hil-results", "transcripts"])
        }
    }

    @Test func `a folder with anything else in it is left alone`() throws {
        try withTemporaryDirectory { folder in
            try Data("mine".utf8).write(to: folder.appending(path: "thesis.txt"))
            #expect(throws: ReportError.inUse(path: folder.path)) { try OutputFolder(folder) }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["thesis.txt"])
        }
    }

    @Test(arguments: ["transcripts/interview.txt", "run.json", "report.html"])
    func `a folder that has the names of results, and that no run has made, is left alone`(name: String) throws {
        try withTemporaryDirectory { folder in
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: file)
            #expect(throws: ReportError.inUse(path: folder.path)) { try OutputFolder(folder) }
            #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
        }
    }

    @Test func `what was put beside the results of a run is left alone, with them`() throws {
        try withTemporaryDirectory { folder in
            try OutputFolder(folder).write(SampleRun.run, page: page())
            try Data("mine".utf8).write(to: folder.appending(path: "thesis.txt"))
            #expect(throws: ReportError.inUse(path: folder.path)) { try OutputFolder(folder) }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(left == [".iot-hil-results", "junit.xml", "report.html", "run.json", "thesis.txt", "transcripts"])
        }
    }

    @Test func `a page has no part that is not in it`() throws {
        let html = try page().html(SampleRun.run)
        #expect(html.components(separatedBy: "<script").count == 3)
        #expect(html.components(separatedBy: "</script").count == 3)
        #expect(!html.contains("<img") && !html.contains("http://") && !html.contains("https://"))
        #expect(throws: ReportError.self) { try ReportPage(resources: URL(filePath: "/nowhere")) }
    }
}
