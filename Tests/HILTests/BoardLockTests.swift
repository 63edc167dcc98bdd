import Daemon
import Foundation
import Glibc
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5)))
struct BoardLockTests {
    /// Another process that wants the board, and what it says.
    private func probe(_ folder: URL, _ board: String, for seconds: Int = 60) async throws -> (
        process: ChildProcess, said: String
    ) {
        let process = try ChildProcess(
            name: "HILProbe", executable: BuiltCommand.executable("HILProbe"),
            arguments: [folder.path, board, "nightly", "\(seconds)"])
        return (process, try await process.readyLine(within: .seconds(20)))
    }

    private func end(_ process: ChildProcess) async {
        kill(process.processIdentifier, SIGKILL)
        _ = await process.waitForEnd()
    }

    @Test func `a board that another process holds is refused with who, since when and until when`() async throws {
        try await withTemporaryDirectory { parent in
            let folder = parent.appending(path: "locks")
            let (process, said) = try await probe(folder, "A50285BI", for: 3600)
            #expect(said == "taken")
            let error = #expect(throws: BoardLockError.self) {
                try BoardLock.take(board: "A50285BI", folder: folder, owner: "mine", expires: .seconds(1))
            }
            guard case .held("A50285BI", let holder?, false) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(holder.pid == process.processIdentifier)
            #expect(holder.run == "nightly")
            #expect(holder.user == NSUserName())
            #expect(holder.until.timeIntervalSince(holder.since) == 3600)
            #expect(abs(holder.since.timeIntervalSinceNow) < 60)
            // Another board is free.
            let other = try BoardLock.take(board: "A50285BJ", folder: folder, owner: "mine", expires: .seconds(1))
            other.release()
            await end(process)
        }
    }

    @Test func `a board whose holder was killed is free at once`() async throws {
        try await withTemporaryDirectory { parent in
            let folder = parent.appending(path: "locks")
            let (process, said) = try await probe(folder, "A50285BI")
            #expect(said == "taken")
            await end(process)
            let mine = try BoardLock.take(board: "A50285BI", folder: folder, owner: "mine", expires: .seconds(60))
            let (refused, why) = try await probe(folder, "A50285BI")
            #expect(why.hasPrefix("the board A50285BI is held by run \"mine\" of "))
            #expect(why.contains("(process \(getpid()) on "))
            #expect(await refused.waitForEnd() == "exit code 1")
            mine.release()
            mine.release()
            let (later, again) = try await probe(folder, "A50285BI")
            #expect(again == "taken")
            await end(later)
        }
    }

    @Test func `a time that is over takes no board from a process that runs, and the error says so`() async throws {
        try await withTemporaryDirectory { parent in
            let folder = parent.appending(path: "locks")
            let (process, said) = try await probe(folder, "x", for: 0)
            #expect(said == "taken")
            let error = #expect(throws: BoardLockError.self) {
                try BoardLock.take(
                    board: "x", folder: folder, owner: "mine", expires: .zero, now: Date(timeIntervalSinceNow: 5))
            }
            let text = "\(try #require(error))"
            #expect(text.contains("although it said that it would be done by "))
            #expect(
                text.hasSuffix("look what process \(process.processIdentifier) does and end it, then run again"))
            await end(process)
        }
    }

    @Test func `another program's flock holds a board too, and sees ours`() async throws {
        try await withTemporaryDirectory { parent in
            let folder = parent.appending(path: "locks")
            try BoardLock.take(board: "b", folder: folder, owner: "first", expires: .zero).release()
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            let file = folder.appending(path: try #require(names.first)).path
            let holder = try ChildProcess(
                name: "flock", executable: URL(filePath: "/usr/bin/flock"),
                arguments: ["--no-fork", file, "sh", "-c", "echo held; exec cat"])
            #expect(try await holder.readyLine(within: .seconds(20)) == "held")
            #expect(throws: BoardLockError.held(board: "b", by: nil, isOverdue: false)) {
                try BoardLock.take(board: "b", folder: folder, owner: "mine", expires: .zero)
            }
            await end(holder)
            let mine = try BoardLock.take(board: "b", folder: folder, owner: "mine", expires: .zero)
            let other = try ChildProcess(
                name: "flock", executable: URL(filePath: "/usr/bin/flock"), arguments: ["--nonblock", file, "true"])
            #expect(await other.waitForEnd() == "exit code 1")
            mine.release()
        }
    }

    @Test func `all paths of a device are one board, and a file that was removed locks nobody out`() throws {
        try withTemporaryDirectory { parent in
            let folder = parent.appending(path: "locks")
            let device = parent.appending(path: "tty")
            try Data().write(to: device)
            let link = parent.appending(path: "by-id")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: device)
            let first = try BoardLock.take(board: device.path, folder: folder, owner: "one", expires: .zero)
            #expect(throws: BoardLockError.self) {
                try BoardLock.take(board: link.path, folder: folder, owner: "two", expires: .seconds(1))
            }
            first.release()
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                try FileManager.default.removeItem(at: folder.appending(path: name))
            }
            let second = try BoardLock.take(board: link.path, folder: folder, owner: "two", expires: .zero)
            second.release()
        }
    }

    @Test func `a folder in which others may write holds no locks, nor does one that leads elsewhere`() throws {
        try withTemporaryDirectory { parent in
            let folder = parent.appending(path: "open")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            chmod(folder.path, 0o777)
            let error = #expect(throws: BoardLockError.self) {
                try BoardLock.take(board: "x", folder: folder, owner: "mine", expires: .zero)
            }
            #expect(
                error
                    == .noFolder(
                        path: folder.path,
                        reason:
                            "others may write in it (mode 777), and could take locks away; chmod 1777 keeps them from that"
                    ))
            let link = parent.appending(path: "link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: parent)
            #expect(throws: BoardLockError.noFolder(path: link.path, reason: "it is no folder")) {
                try BoardLock.take(board: "x", folder: link, owner: "mine", expires: .zero)
            }
        }
    }

    @Test func `the folder and its files are for all users, and no file is written through another's name`() throws {
        try withTemporaryDirectory { parent in
            let folder = parent.appending(path: "locks")
            try BoardLock.take(board: "x", folder: folder, owner: "mine", expires: .zero).release()
            var status = stat()
            #expect(stat(folder.path, &status) == 0 && status.st_mode & 0o7777 == 0o1777)
            let file = folder.appending(
                path: try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first))
            #expect(stat(file.path, &status) == 0 && status.st_mode & 0o7777 == 0o666)
            let victim = parent.appending(path: "victim")
            try Data("mine".utf8).write(to: victim)
            try FileManager.default.removeItem(at: file)
            try FileManager.default.linkItem(at: victim, to: file)
            #expect(
                throws: BoardLockError.cannotLock(board: "x", path: file.path, reason: "it is no plain file of its own")
            ) {
                try BoardLock.take(board: "x", folder: folder, owner: "mine", expires: .zero)
            }
            #expect(try String(contentsOf: victim, encoding: .utf8) == "mine")
        }
    }

    @Test func `an adapter has one name, by its serial number, its port and links to that`() throws {
        try withTemporaryDirectory { parent in
            let files = FileManager.default
            let root = URL(filePath: parent.resolvingSymlinksInPath().path)
            let (system, devices) = (root.appending(path: "sys"), root.appending(path: "dev"))
            let usb = system.appending(path: "devices/pci0/usb1/1-1/1-1.2")
            let port = usb.appending(path: "1-1.2:1.0/ttyUSB0")
            try files.createDirectory(at: port, withIntermediateDirectories: true)
            for (name, text) in [("idVendor", "1a86"), ("idProduct", "7523"), ("serial", "0001")] {
                try Data("\(text)\n".utf8).write(to: usb.appending(path: name))
            }
            let terminal = system.appending(path: "class/tty/ttyUSB0")
            try files.createDirectory(at: terminal, withIntermediateDirectories: true)
            try files.createSymbolicLink(at: terminal.appending(path: "device"), withDestinationURL: port)
            try files.createDirectory(at: devices, withIntermediateDirectories: true)
            try Data().write(to: devices.appending(path: "ttyUSB0"))
            let link = devices.appending(path: "by-id")
            try files.createSymbolicLink(at: link, withDestinationURL: devices.appending(path: "ttyUSB0"))
            let names = BoardNames(system: system.path, devices: devices.path)
            for text in [
                devices.appending(path: "ttyUSB0").path, link.path, "usb:serial=0001", "usb:1-1.2", "usb:1a86:7523",
                "usb:serial=0001#0",
            ] {
                #expect(names.port(text) == "usb 1-1.2:1.0", "\(text)")
            }
            #expect(names.port("usb:serial=0001#1") == "usb 1-1.2:1.1")
            #expect(names.port("usb:serial=0002") == "usb:serial=0002")
            #expect(names.port("rfc2217://Host:1") == "rfc2217://host:1")
        }
    }

    @Test func `what a lock's file says is text, and what is no holder is nobody`() throws {
        try withTemporaryDirectory { parent in
            let file = parent.appending(path: "x")
            func holder(_ text: String) throws -> BoardHolder? {
                try Data(text.utf8).write(to: file)
                let descriptor = open(file.path, O_RDONLY)
                defer { close(descriptor) }
                return BoardHolder(readingFrom: descriptor, atMost: 4096)
            }
            for text in ["", "{", "[]", "{\"pid\": 1}", String(repeating: "a", count: 9000)] {
                let found = try holder(text)
                #expect(found == nil)
            }
            let hostile = try holder(
                #"{"user": "\u001b[2J", "host": "h", "pid": 7, "run": "a\nb", "since": "2026-01-31T12:00:00Z", "#
                    + #""until": "2026-01-31T13:00:00Z"}"#)
            #expect(
                hostile?.description
                    == "run \"a?b\" of ?[2J (process 7 on h) since 2026-01-31T12:00:00Z")
        }
    }
}
