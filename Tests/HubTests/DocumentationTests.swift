import Foundation
import TestSupport
import Testing

/// docs/hub.md against the hub's sources.
@Suite struct DocumentationTests {
    private let document: String
    private let sources: String

    init() throws {
        document = try String(contentsOf: repositoryRoot.appending(path: "docs/hub.md"), encoding: .utf8)
        let root = repositoryRoot.appending(path: "Sources/Hub")
        let names = try #require(FileManager.default.subpaths(atPath: root.path)).filter { $0.hasSuffix(".swift") }
        sources = try names.map { try String(contentsOf: root.appending(path: $0), encoding: .utf8) }.joined()
    }

    @Test("every route of the hub is documented")
    func routes() {
        let routes = sources.matches(of: /table\.on\(\.(\w+), "([^"]+)"/)
            .map { "\($0.1.uppercased()) \($0.2.replacing("/**", with: "/{ip}/{value}"))" }
            .filter { $0 != "PUT /webhook/update-unit" }
        #expect(routes.count > 20)
        #expect(routes.filter { !document.contains("`\($0)`") } == [])
    }

    @Test("the example configuration for a base beside this hub is right")
    func example() async throws {
        let example = repositoryRoot.appending(path: "docs/examples/config.json")
        try await withTemporaryDirectory { directory in
            // As the README makes it: for its owner alone.
            let file = directory.appending(path: "config.json").path
            #expect(
                FileManager.default.createFile(
                    atPath: file, contents: try Data(contentsOf: example), attributes: [.posixPermissions: 0o600]))
            let check = try BuiltCommand.start(["base", "check", "--config", file])
            let lines = await check.lines.reduce(into: [String]()) { $0.append($1) }
            #expect(lines == ["\(file) is right: 4 units to read"])
        }
    }

    @Test("every error code of the hub is documented, and no other")
    func codes() {
        let codes = Set(sources.matches(of: /code: "([a-z_]+)"/).map { String($0.1) })
        let errors = document.split(separator: "\n## ").first { $0.hasPrefix("Errors\n") } ?? ""
        let documented = Set(errors.matches(of: /`([a-z]+_?[a-z_]*)`/).map { String($0.1) })
        #expect(documented == codes)
    }
}
