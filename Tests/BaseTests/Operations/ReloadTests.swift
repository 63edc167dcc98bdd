import Foundation
import Logging
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite(.timeLimit(.minutes(5))) struct ReloadTests {
    private final class Count: Sendable {
        let value = Mutex(0)
    }

    private func configuration(_ clients: String, _ more: String = "") throws -> Configuration {
        try Configuration(
            json: """
                {"clients": [\(clients)], "api": {"url": "https://d.example", "token": "t"},
                 "pusher": {"app-key": "k", "cluster": "eu"}\(more)}
                """)
    }

    @Test("what changes is what differs: units, what is allowed, and sections that count from the next start on")
    func change() throws {
        let old = try configuration(#""10.0.0.1", "10.0.0.2""#)
        #expect(ConfigurationChange(from: old, to: old).isEmpty)
        let order = ConfigurationChange(from: old, to: try configuration(#""10.0.0.2", "10.0.0.1""#))
        #expect(order.isEmpty && order.needRestart == [])
        let other = ConfigurationChange(
            from: old,
            to: try configuration(
                #""10.0.0.2", "10.0.0.3""#,
                #", "units": {"period": "2s"}, "commands": {"queue": 1}, "outbox": {"sync": "never"}, "#
                    + #""operations": {"remote": true}"#))
        #expect(other.added.map(\.description) == ["10.0.0.3"] && other.removed.map(\.description) == ["10.0.0.1"])
        #expect(other.changesAllowed && !other.isEmpty)
        #expect(other.needRestart == ["units", "commands", "outbox", "operations"])
    }

    @Test("what cannot be applied changes nothing, is told once, and is tried again with the next good file")
    func failures() async throws {
        struct TooMany: Error, CustomStringConvertible { let description = "too many" }
        let next = Mutex(try configuration(#""10.0.0.1", "10.0.0.2""#))
        let applied = Mutex<[[IPv4Address]]>([])
        let reload = Reload(
            path: "x", running: try configuration(#""10.0.0.1""#),
            logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() },
            read: { next.withLock(\.self) },
            apply: { new in
                if new.clients.count > 1 { throw TooMany() }
                applied.withLock { $0.append(new.clients) }
            })
        for _ in 1...2 { await reload.reload(asked: false) }
        #expect(await reload.standing == Reload.Standing(failed: 1, problem: "too many"))
        await reload.reload(asked: true)
        #expect(await reload.standing == Reload.Standing(failed: 2, problem: "too many"))
        next.withLock { $0.clients = [] }
        await reload.reload(asked: false)
        await reload.reload(asked: false)
        #expect(await reload.standing == Reload.Standing(succeeded: 1, failed: 2))
        #expect(applied.withLock(\.self) == [[]])
    }

    @Test("a file that is again what runs ends the trouble, though there is nothing to apply")
    func undone() async throws {
        struct Unreadable: Error, CustomStringConvertible { let description = "unreadable" }
        let good = try configuration(#""10.0.0.1""#)
        let isGood = Mutex(false)
        let reload = Reload(
            path: "x", running: good, logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() },
            read: {
                guard isGood.withLock(\.self) else { throw Unreadable() }
                return good
            },
            apply: { _ in Issue.record("nothing was to be applied") })
        await reload.reload(asked: false)
        #expect(await reload.standing == Reload.Standing(failed: 1, problem: "unreadable"))
        isGood.withLock { $0 = true }
        for _ in 1...2 { await reload.reload(asked: false) }
        #expect(await reload.standing == Reload.Standing(succeeded: 1, failed: 1))
    }

    @Test("one reading waits for the one before: what the file has last is what counts")
    func inTurn() async throws {
        let next = Mutex(try configuration(#""10.0.0.1", "10.0.0.2""#))
        let applied = Mutex<[[IPv4Address]]>([])
        let reads = Mutex(0)
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let reload = Reload(
            path: "x", running: try configuration(#""10.0.0.1""#),
            logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() },
            read: {
                reads.withLock { $0 += 1 }
                return next.withLock(\.self)
            },
            apply: { new in
                if new.clients.count == 2 { for await _ in gate {} }
                applied.withLock { $0.append(new.clients) }
            })
        let first = Task { await reload.reload(asked: false) }
        try await eventually("the first reading", within: .seconds(60)) { reads.withLock { $0 == 1 } }
        next.withLock { $0.clients = [] }
        let second = Task { await reload.reload(asked: true) }
        // The actor serves what came before this; a second reading would have begun by then.
        for _ in 1...100 { await Task.yield() }
        _ = await reload.standing
        #expect(reads.withLock(\.self) == 1)
        opening.finish()
        await first.value
        await second.value
        #expect(applied.withLock { $0.map(\.count) } == [2, 0])
        #expect(await reload.standing == Reload.Standing(succeeded: 2))
    }

    @Test("a file that is written in place, replaced, removed and made again is told each time, and no other is")
    func watch() async throws {
        try await withTemporaryDirectory { folder in
            let (file, other) = (folder.appending(path: "config.json"), folder.appending(path: "other"))
            try Data("1".utf8).write(to: file)
            let watch = FileWatch(file.path)
            #expect(watch.problem == nil)
            let told = Count()
            let counting = Task { for await _ in watch.changes { told.value.withLock { $0 += 1 } } }
            func next(_ what: String, _ change: () throws -> Void) async throws {
                let before = told.value.withLock(\.self)
                try change()
                try await eventually(what, within: .seconds(60)) { told.value.withLock { $0 == before + 1 } }
            }
            try await next("in place") { try Data("2".utf8).write(to: file) }
            try await next("replaced") { try Data("3".utf8).write(to: file, options: .atomic) }
            try await next("removed") { try FileManager.default.removeItem(at: file) }
            try await next("another file first, which is not told") {
                try Data("4".utf8).write(to: other)
                try FileManager.default.moveItem(at: other, to: file)
            }
            watch.stop()
            await counting.value
            #expect(told.value.withLock(\.self) == 4)
            #expect(
                FileWatch("/nowhere/config.json").problem == "its folder cannot be watched: No such file or directory")
        }
    }

    @Test("a folder that is moved away, made anew or removed is told each time, and the file in the new one is watched")
    func folder() async throws {
        try await withTemporaryDirectory { parent in
            let (folder, elsewhere) = (parent.appending(path: "iot"), parent.appending(path: "moved"))
            let file = folder.appending(path: "config.json")
            func make() throws {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            }
            try make()
            try Data("1".utf8).write(to: file)
            let watch = FileWatch(file.path)
            let told = Count()
            let counting = Task { for await _ in watch.changes { told.value.withLock { $0 += 1 } } }
            func next(_ what: String, _ change: () throws -> Void) async throws {
                let before = told.value.withLock(\.self)
                try change()
                try await eventually(what, within: .seconds(60)) { told.value.withLock { $0 == before + 1 } }
            }
            try await next("moved away") { try FileManager.default.moveItem(at: folder, to: elsewhere) }
            try await next("made anew") { try make() }
            try await next("written in the new one") { try Data("2".utf8).write(to: file) }
            try await next("the file removed") { try FileManager.default.removeItem(at: file) }
            try await next("removed and made, perhaps with the same inode") {
                try FileManager.default.removeItem(at: folder)
                try make()
            }
            try await next("written in the third one") { try Data("3".utf8).write(to: file) }
            watch.stop()
            await counting.value
        }
    }
}
