import Foundation
import TestSupport
import Testing

@testable import Flash

/// Files that commands make.
@Suite struct OutputFileTests {
    @Test("where one cannot be written it is said as the kernel says it, and nothing is left behind")
    func reasons() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appending(path: "file")
            try Data([1]).write(to: file)
            let long = directory.appending(path: String(repeating: "a", count: 300)).path
            for (path, reason) in [
                (file.appending(path: "x").path, "Not a directory"), (long, "File name too long"),
                ("/dev/full", "No space left on device"), ("/proc/none", "No such file or directory"),
            ] {
                #expect(throws: FlashError.outputFile(path: path, reason: reason), "\(path)") {
                    try OutputFile.write([1, 2, 3], to: path)
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
            #expect(try Data(contentsOf: file) == Data([1]))
        }
    }

    @Test("one that is replaced keeps its permissions, and is another file to whoever has it open")
    func replaced() throws {
        try withTemporaryDirectory { directory in
            let file = directory.appending(path: "file")
            try Data([1]).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
            let reader = try FileHandle(forReadingFrom: file)
            try OutputFile.write([2, 3], to: file.path)
            #expect(try Data(contentsOf: file) == Data([2, 3]))
            #expect(try reader.readToEnd() == Data([1]))
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o640)
        }
    }
}
