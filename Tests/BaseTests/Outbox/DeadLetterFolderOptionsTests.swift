import Foundation
import TestSupport
import Testing

@testable import Base

@Suite("The folder in which dead letters are looked for")
struct DeadLetterFolderOptionsTests {
    private static func open(_ folder: URL) throws -> DeadLetters? {
        try DeadLetterFolderOptions.parse(["--outbox", folder.path]).open()
    }

    @Test("One in which no base has kept an outbox is an error that says which is wanted")
    func none() throws {
        try withTemporaryDirectory { folder in
            let state = folder.appending(path: "state")
            let outbox = state.appending(path: "outbox")
            let letters = state.appending(path: "dead-letters")
            for made in [outbox, letters] {
                try FileManager.default.createDirectory(
                    at: made, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            for wrong in [folder, outbox, letters, file, folder.appending(path: "missing")] {
                let error = #expect(throws: DeadLetterFolderError.self) { try Self.open(wrong) }
                #expect(
                    error?.description
                        == """
                        there is no outbox in \(wrong.path); name the base's own configuration with --config, or with --outbox \
                        the folder that it has as outbox.directory: the one with the folder outbox in it
                        """)
            }
            #expect(try Self.open(state) != nil)
            try FileManager.default.removeItem(at: letters)
            #expect(try Self.open(state) == nil)
        }
    }

    @Test("One that cannot be looked at is told as that")
    func unreadable() throws {
        try withTemporaryDirectory { folder in
            let loop = folder.appending(path: "loop")
            #expect(symlink(loop.path, loop.path) == 0)
            let error = #expect(throws: DeadLetterFolderError.self) { try Self.open(loop) }
            #expect(
                error?.description == "cannot look at \(loop.path)/dead-letters: Too many levels of symbolic links")
        }
    }
}
