import Files
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RegularFileTests {
    @Test("a file is read as a whole, up to the limit")
    func reads() throws {
        try withTemporaryDirectory { (directory: URL) throws in
            let file = directory.appending(path: "file").path
            try Data("12345".utf8).write(to: URL(filePath: file))
            #expect(try RegularFile.bytes(of: file, atMost: 5) == Data("12345".utf8))
            #expect(throws: RegularFileError.tooLarge(limit: 4)) { try RegularFile.bytes(of: file, atMost: 4) }
            try Data().write(to: URL(filePath: file))
            #expect(try RegularFile.bytes(of: file, atMost: 4) == Data())
        }
    }

    @Test("what is no regular file is refused, and nobody waits for it")
    func refuses() throws {
        try withTemporaryDirectory { (directory: URL) throws in
            let pipe = directory.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            for (path, message) in [
                (pipe, "it is a pipe, and only regular files are read"),
                ("/dev/zero", "it is a device, and only regular files are read"),
                (directory.path, "it is a directory, and only regular files are read"),
                (directory.appending(path: "none").path, "No such file or directory"),
            ] {
                let error = #expect(throws: RegularFileError.self) { try RegularFile.bytes(of: path, atMost: 10) }
                #expect(error?.description == message)
            }
        }
    }
}
