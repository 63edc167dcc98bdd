import Foundation
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct StateFolderTests {
    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("A folder is its owner's alone, and goes with the attempt")
    func life() throws {
        try withTemporaryDirectory { parent in
            let folder = try StateFolder(in: parent)
            try Data("token".utf8).write(to: folder.url.appending(path: "token"))
            let mode = try FileManager.default.attributesOfItem(atPath: folder.url.path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            #expect(try names(parent) == [folder.url.lastPathComponent])
            folder.remove()
            #expect(try names(parent).isEmpty)
            #expect(throws: HILError.self) { _ = try StateFolder(in: parent.appending(path: "none")) }
        }
    }

    @Test(
        "What a run has left that was killed is removed, and nothing else is: neither what is in use nor what is none of ours"
    )
    func forgotten() throws {
        try withTemporaryDirectory { parent in
            let left = parent.appending(path: "iot-hil-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: left.appending(path: "hub"), withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: left.appending(path: "hub/token"))
            for other in ["iot-hil-locks-0", "iot-hil-", "other"] {
                try FileManager.default.createDirectory(
                    at: parent.appending(path: other), withIntermediateDirectories: false)
            }
            let link = parent.appending(path: "iot-hil-\(UUID().uuidString)")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: parent.appending(path: "other"))
            let used = try StateFolder(in: parent)
            StateFolder.removeForgotten(in: parent)
            let expected = ["iot-hil-locks-0", "iot-hil-", "other", link.lastPathComponent, used.url.lastPathComponent]
            #expect(try names(parent) == expected.sorted())
            used.remove()
        }
    }
}
