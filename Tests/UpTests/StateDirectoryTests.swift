import Foundation
import TestSupport
import Testing

@testable import Up

@Suite struct StateDirectoryTests {
    private func permissions(_ url: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
    }

    @Test("nobody else may look into the directory or its files")
    func permissions() throws {
        try withTemporaryDirectory { temporary in
            let state = try StateDirectory(path: temporary.appending(path: "a/b").path)
            try state.remember(.init(adminToken: "secret"))
            #expect(try permissions(state.url) == 0o700)
            #expect(try permissions(state.url.appending(path: "up.json")) == 0o600)
        }
    }

    @Test("a directory in which others may write is refused and left as it is")
    func open() throws {
        try withTemporaryDirectory { temporary in
            try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: temporary.path)
            let error = try #require(throws: UpError.self) { try StateDirectory(path: temporary.path) }
            #expect(
                "\(error)"
                    == "cannot use the state directory \(temporary.path): others may write in it (mode 1777), and could "
                    + "replace what is kept there; choose another with --state")
            #expect(try permissions(temporary) == 0o1777)
        }
    }

    @Test("what was remembered last is recalled, by a later run too")
    func remembers() throws {
        try withTemporaryDirectory { temporary in
            let memory = StateDirectory.Memory(adminToken: "a", baseToken: "b", adminPassword: "c")
            try StateDirectory(path: temporary.path).remember(.init(adminToken: "older"))
            try StateDirectory(path: temporary.path).remember(memory)
            #expect(try StateDirectory(path: temporary.path).recall() == memory)
        }
    }

    @Test("a damaged file is as good as none")
    func damaged() throws {
        try withTemporaryDirectory { temporary in
            let state = try StateDirectory(path: temporary.path)
            try Data("{\"adminTok".utf8).write(to: state.url.appending(path: "up.json"))
            #expect(state.recall() == .init())
        }
    }

    @Test("without a path it follows XDG_STATE_HOME, when that is absolute")
    func standardPlace() throws {
        try withTemporaryDirectory { temporary in
            let state = try StateDirectory(path: nil, environment: ["XDG_STATE_HOME": temporary.path])
            #expect(state.url.path == temporary.path + "/iot")
        }
    }

    @Test("a path that cannot be a directory is named, with the option")
    func impossible() throws {
        let error = try #require(throws: UpError.self) { try StateDirectory(path: "/dev/null/iot") }
        #expect("\(error)".hasPrefix("cannot use the state directory /dev/null/iot: "))
        #expect("\(error)".hasSuffix("; choose another with --state"))
    }
}
