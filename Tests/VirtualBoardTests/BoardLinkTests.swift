import Foundation
import TestSupport
import Testing

/// `iot board --link`: one name, one board.
@Suite(.timeLimit(.minutes(3))) struct BoardLinkTests {
    private func board(_ link: String, _ more: [String] = []) -> [String] {
        ["board", "--link", link, "--timing", "fast", "--json", "--stop-with-parent"] + more
    }

    private func target(_ link: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: link)
    }

    @Test("a second board is refused the link of the first, and changes nothing of it")
    func second() async throws {
        try await withTemporaryDirectory { directory in
            let link = directory.appending(path: "board").path
            let pins = directory.appending(path: "pins.vcd")
            let first = try BuiltCommand.start(board(link, ["--vcd", pins.path]))
            _ = try await first.readyLine(within: .seconds(90))
            let target = try target(link)
            try await eventually("the trace has its head", within: .seconds(60)) { try !Data(contentsOf: pins).isEmpty }
            let before = try Data(contentsOf: pins)
            let second = try await FinishedCommand.run(board(link, ["--vcd", pins.path]), within: .seconds(60))
            #expect(second.end == "exit code 1")
            #expect(
                second.errors.last
                    == "Error: cannot make the link \(link): another board has it; name another with --link")
            #expect(try self.target(link) == target)
            #expect(try Data(contentsOf: pins) == before)
            let id = try await FinishedCommand.run(["flash", "id", "--port", link])
            #expect(id.end == "exit code 0", "\(id.errors)")
            await first.stop(within: .seconds(20))
            #expect(Set(try FileManager.default.contentsOfDirectory(atPath: directory.path)) == ["pins.vcd"])
        }
    }

    @Test("what a killed board has left is replaced, and a file of that name is not")
    func stale() async throws {
        try await withTemporaryDirectory { directory in
            let link = directory.appending(path: "board").path
            let killed = try BuiltCommand.start(board(link))
            _ = try await killed.readyLine(within: .seconds(90))
            kill(killed.processIdentifier, SIGKILL)
            #expect(await killed.waitForEnd() == "signal 9")
            #expect(FileManager.default.fileExists(atPath: link + ".lock"))
            let next = try BuiltCommand.start(board(link))
            _ = try await next.readyLine(within: .seconds(90))
            let id = try await FinishedCommand.run(["flash", "id", "--port", link])
            #expect(id.end == "exit code 0", "\(id.errors)")
            await next.stop(within: .seconds(20))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
            try Data("mine".utf8).write(to: URL(filePath: link))
            try Data("mine too".utf8).write(to: URL(filePath: link + ".lock"))
            let refused = try await FinishedCommand.run(board(link), within: .seconds(60))
            #expect(refused.end == "exit code 1")
            #expect(refused.errors.last?.hasPrefix("Error: cannot make the link \(link): ") == true)
            #expect(try Data(contentsOf: URL(filePath: link)) == Data("mine".utf8))
            #expect(try Data(contentsOf: URL(filePath: link + ".lock")) == Data("mine too".utf8))
        }
    }
}
