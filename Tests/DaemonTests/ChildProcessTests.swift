import Foundation
import TestSupport
import Testing

@testable import Daemon

@Suite struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess(name: "shell", executable: URL(filePath: "/bin/sh"), arguments: ["-c", script])
    }

    @Test("the ready line is the first line, whole")
    func readyLine() async throws {
        let child = try shell("printf 'rea'; printf 'dy\\nsecond\\n'; exit 3")
        #expect(try await child.readyLine(within: .seconds(20)) == "ready")
        #expect(await child.waitForEnd() == "exit code 3")
        #expect(await child.waitForEnd() == "exit code 3")
    }

    @Test("a child reads what is sent to it, line by line")
    func sentLines() async throws {
        let child = try shell("read one; read two; echo \"$two $one\"")
        try child.send(line: "first")
        try child.send(line: "second")
        #expect(try await child.readyLine(within: .seconds(20)) == "second first")
    }

    @Test("a child that is killed at once takes along what it has started, and what would rather stay")
    func killedAtOnce() async throws {
        let child = try shell("trap '' TERM; sleep 600 & echo $!; wait")
        let line = try await child.readyLine(within: .seconds(20))
        let grandchild = try #require(pid_t(line))
        await child.killAtOnce()
        #expect(await child.waitForEnd() == "signal 9")
        // Whoever takes orphans over may leave it unreaped for a while.
        try await eventually("the grandchild's end") {
            let stat = try? String(contentsOfFile: "/proc/\(grandchild)/stat", encoding: .utf8)
            return stat?.contains(") Z ") ?? true
        }
    }

    @Test("what a child has started ends with it when its group is asked to stop, though it would rather stay")
    func stoppedGroup() async throws {
        let child = try shell("(trap '' TERM; exec sleep 600) & echo $!; wait")
        let grandchild = try #require(pid_t(try await child.readyLine(within: .seconds(20))))
        #expect(child.endStatus == nil)
        await child.stopGroup(within: .seconds(20))
        #expect(child.endStatus == "signal 15")
        try await eventually("the grandchild's end") {
            let stat = try? String(contentsOfFile: "/proc/\(grandchild)/stat", encoding: .utf8)
            return stat?.contains(") Z ") ?? true
        }
    }

    @Test("what a child leaves behind in its group ends with it, where that is asked for")
    func endedGroup() async throws {
        let child = try ChildProcess(
            name: "shell", executable: URL(filePath: "/bin/sh"), arguments: ["-c", "sleep 600 & echo $!"],
            endsGroup: true)
        let grandchild = try #require(pid_t(try await child.readyLine(within: .seconds(20))))
        #expect(await child.waitForEnd() == "exit code 0")
        try await eventually("the grandchild's end") {
            let stat = try? String(contentsOfFile: "/proc/\(grandchild)/stat", encoding: .utf8)
            return stat?.contains(") Z ") ?? true
        }
    }

    @Test("a child that reads nothing holds nobody up who sends it a line")
    func sentInTime() async throws {
        let child = try shell("read line; echo ${#line}; exec sleep 600")
        let text = String(repeating: "x", count: 200_000)
        try await child.send(line: text, within: .seconds(60))
        #expect(try await child.readyLine(within: .seconds(60)) == "200000")
        await #expect(throws: POSIXError(.ETIMEDOUT)) { try await child.send(line: text, within: .milliseconds(100)) }
        await child.stop(within: .seconds(20))
        signal(SIGPIPE, SIG_IGN)
        await #expect(throws: POSIXError(.EPIPE)) { try await child.send(line: text, within: .seconds(60)) }
    }

    @Test("lines that nobody has taken in time are counted")
    func dropped() async throws {
        let child = try ChildProcess(
            name: "shell", executable: URL(filePath: "/bin/sh"), arguments: ["-c", "seq 5; seq 4 >&2"],
            readsErrors: true, linesKept: 2)
        try await eventually("all were read") { child.linesDropped == 5 }
        #expect(await child.lines.reduce(into: [String]()) { $0.append($1) } == ["1", "2"])
    }

    @Test("a child that ends before it is ready is an error that tells how")
    func endsEarly() async throws {
        let child = try shell("exit 64")
        await #expect(throws: ChildProcessError.childEnded("shell", status: "exit code 64")) {
            try await child.readyLine(within: .seconds(20))
        }
    }

    @Test("a child that says nothing is an error after the limit, and can be stopped")
    func silent() async throws {
        let child = try shell("exec sleep 600")
        await #expect(throws: ChildProcessError.childSilent("shell", limit: .milliseconds(50))) {
            try await child.readyLine(within: .milliseconds(50))
        }
        await child.stop(within: .seconds(20))
        #expect(await child.waitForEnd() == "signal 15")
    }

    @Test("a child that ignores the request to stop is killed")
    func ignores() async throws {
        let child = try shell("trap '' TERM; echo ready; while :; do :; done")
        _ = try await child.readyLine(within: .seconds(20))
        await child.stop(within: .milliseconds(50))
        #expect(await child.waitForEnd() == "signal 9")
    }

    @Test("a child leads a process group of its own, so that a terminal's Ctrl-C does not reach it")
    func group() async throws {
        let child = try shell("echo ready; exec sleep 600")
        _ = try await child.readyLine(within: .seconds(20))
        #expect(getpgid(child.processIdentifier) == child.processIdentifier)
        await child.stop(within: .seconds(20))
    }

    @Test("stderr and the environment are what was asked for")
    func errorsAndEnvironment() async throws {
        let child = try ChildProcess(
            name: "shell", executable: URL(filePath: "/bin/sh"), arguments: ["-c", "echo \"$A\" >&2; echo \"$HOME\""],
            environment: ["A": "from here"], readsErrors: true)
        #expect(try await child.readyLine(within: .seconds(20)) == "")
        let errors = try #require(child.errorLines)
        #expect(await errors.first { _ in true } == "from here")
    }

    @Test("a program that is not there is an error that tells why")
    func missing() {
        let error = ChildProcessError.cannotStart("ghost", reason: "No such file or directory")
        #expect(throws: error) {
            try ChildProcess(name: "ghost", executable: URL(filePath: "/nowhere/ghost"), arguments: [])
        }
    }

    @Test("waiting for the end stops when the waiting task is cancelled")
    func cancelled() async throws {
        let child = try shell("exec sleep 600")
        let waiting = Task { await child.waitForEnd() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        await child.stop(within: .seconds(20))
    }

    @Test("the child's stdin stays open as long as its parent, and no other child holds it")
    func standardInput() async throws {
        let first = try shell("echo ready; exec cat")
        let second = try shell("echo ready; exec cat")
        _ = try await first.readyLine(within: .seconds(20))
        _ = try await second.readyLine(within: .seconds(20))
        let inherited = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(second.processIdentifier)/fd")
        #expect(inherited.sorted() == ["0", "1", "2"])
        await first.stop(within: .seconds(20))
        await second.stop(within: .seconds(20))
    }
}
