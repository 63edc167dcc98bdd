import Foundation
import Glibc
import Files
import TestSupport
import Testing

@Suite struct PrivateFolderTests {
    private func mode(_ folder: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
    }

    @Test("a folder that is missing is made for its owner alone")
    func made() throws {
        try withTemporaryDirectory { temporary in
            let folder = temporary.appending(path: "a/b", directoryHint: .isDirectory)
            try PrivateFolder.prepare(folder)
            #expect(try mode(folder) == 0o700)
            try PrivateFolder.prepare(folder)
        }
    }

    @Test(
        "a folder that exists and into which only its owner writes is taken as it is", arguments: [0o755, 0o711, 0o700])
    func existing(mode: mode_t) throws {
        try withTemporaryDirectory { folder in
            #expect(chmod(folder.path, mode) == 0)
            try PrivateFolder.prepare(folder)
            #expect(try self.mode(folder) == Int(mode))
        }
    }

    @Test("a folder into which others may write is refused, and left as it is", arguments: [0o1777, 0o775, 0o702])
    func open(mode: mode_t) throws {
        try withTemporaryDirectory { folder in
            #expect(chmod(folder.path, mode) == 0)
            #expect(throws: PrivateFolderError.openToOthers(mode: mode)) { try PrivateFolder.prepare(folder) }
            let after = try self.mode(folder)
            #expect(after == Int(mode))
        }
    }

    @Test("a folder of another user is refused", .enabled(if: geteuid() == 0, "only root can make one"))
    func foreign() throws {
        try withTemporaryDirectory { folder in
            #expect(chown(folder.path, 65_534, 65_534) == 0)
            #expect(throws: PrivateFolderError.belongsToAnother(user: 65_534)) { try PrivateFolder.prepare(folder) }
        }
    }

    @Test("a file is no folder, and in a file none can be made")
    func file() throws {
        try withTemporaryDirectory { temporary in
            let file = temporary.appending(path: "file")
            try Data().write(to: file)
            #expect(throws: PrivateFolderError.noFolder) { try PrivateFolder.prepare(file) }
            #expect(throws: PrivateFolderError.self) { try PrivateFolder.prepare(file.appending(path: "below")) }
        }
    }

    @Test("each reason stands in words")
    func reasons() {
        let reasons: [PrivateFolderError] = [
            .cannotMake(reason: "Read-only file system"), .noFolder, .belongsToAnother(user: 0),
            .openToOthers(mode: 0o1777),
        ]
        #expect(
            reasons.map(\.description) == [
                "Read-only file system", "it is no folder", "it belongs to another user (number 0)",
                "others may write in it (mode 1777), and could replace what is kept there",
            ])
    }
}
