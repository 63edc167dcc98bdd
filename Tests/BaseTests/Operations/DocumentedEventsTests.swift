import Foundation
import TestSupport
import Testing

/// The events that the log has, and those that the manual tells of.
@Suite struct DocumentedEventsTests {
    /// What loggers are told in a folder of the sources.
    private func said(in folder: String) throws -> Set<String> {
        let call = /\.(?:(?:debug|info|notice|warning|error|critical)\(\s*|log\(\s*level:[^"]*?)"([a-z-]+\.[a-z-]+)"/
        let place = repositoryRoot.appending(path: folder)
        let files = try #require(FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil))
        var events: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            events.formUnion(try String(contentsOf: file, encoding: .utf8).matches(of: call).map { String($0.1) })
        }
        return events
    }

    /// The names in the first column of the manual's table.
    private func documented() throws -> Set<String> {
        let manual = try String(contentsOf: repositoryRoot.appending(path: "docs/base.md"), encoding: .utf8)
        let rows = try #require(manual.split(separator: "\n## Events\n").last).split(separator: "\n").filter {
            $0.hasPrefix("| `")
        }
        let columns = rows.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        #expect(columns.filter { $0.count < 2 || $0[1].isEmpty } == [], "rows without a level")
        return Set(columns.flatMap { $0[0].matches(of: /`([a-z-]+\.[a-z-]+)`/).map { String($0.1) } })
    }

    @Test("each event of the base stands in the manual, and the manual has no others than what runs with it can tell")
    func events() throws {
        let (base, daemon, documented) = (
            try said(in: "Sources/Base").union(said(in: "Sources/LiveStream")), try said(in: "Sources/Daemon"),
            try documented()
        )
        #expect(base.count > 50)
        #expect(base.subtracting(documented).sorted() == [])
        #expect(documented.subtracting(base).subtracting(daemon).sorted() == [])
    }
}
