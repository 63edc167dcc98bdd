import Foundation
import Glibc
import Synchronization

/// One part of the system as a child process: its lines on stdout, its end, and the means to stop it.
///
/// The child's stdin is a pipe that nobody writes to. The kernel closes it when this process ends, however it ends, and
/// the child, started with `--stop-with-parent`, then stops as well.
///
/// Foundation's own `Process` will not do: its children inherit the signal mask of whatever thread started them, and on
/// a thread of the concurrency pool that blocks SIGTERM; and they inherit the pipes of their siblings, which then
/// never close.
final class ChildProcess: Sendable {
    let name: String
    let processIdentifier: pid_t
    /// What the child prints on stdout, line by line; ends when the child closes it.
    let lines: AsyncStream<String>
    private let ending: Ending
    /// Both are held open as long as this object lives.
    private let input: FileHandle
    private let output: FileHandle

    /// Starts `executable` with `arguments`. stderr is this process's own.
    ///
    /// - Throws: ``UpError/cannotStart(_:reason:)``.
    init(name: String, executable: URL, arguments: [String]) throws {
        self.name = name
        let input = try Self.pipe(for: name)
        let output = try Self.pipe(for: name)
        defer {
            close(input.read)
            close(output.write)
        }
        self.input = FileHandle(fileDescriptor: input.write, closeOnDealloc: true)
        self.output = FileHandle(fileDescriptor: output.read, closeOnDealloc: true)
        lines = .lines(of: self.output)
        processIdentifier = try Self.spawn(
            name, [executable.path] + arguments, standardInput: input.read, standardOutput: output.write)
        ending = Ending(of: processIdentifier)
    }

    /// Waits for the child's end.
    ///
    /// - Returns: How it ended: `exit code 1`, `signal 9`. Nil when the waiting task was cancelled.
    func waitForEnd() async -> String? {
        await ending.wait()
    }

    /// The first line on stdout.
    ///
    /// - Throws: ``UpError/childEnded(_:status:)``, ``UpError/childSilent(_:limit:)``.
    func readyLine(within limit: Duration) async throws -> String {
        let line = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { [lines] in await lines.first { _ in true } }
            group.addTask { [name] in
                try await Task.sleep(for: limit)
                throw UpError.childSilent(name, limit: limit)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let line else {
            try Task.checkCancellation()
            throw UpError.childEnded(name, status: await waitForEnd() ?? "unknown")
        }
        return line
    }

    /// Asks the child to stop and waits for it; kills it when it has not ended within `limit`.
    func stop(within limit: Duration) async {
        ending.send(SIGTERM)
        let killer = Task { [ending] in
            try await Task.sleep(for: limit)
            ending.send(SIGKILL)
        }
        // In a task of its own, so that the caller's cancellation does not leave a child behind.
        await Task.detached { [ending] in _ = await ending.wait() }.value
        killer.cancel()
    }

    private static func pipe(for name: String) throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw UpError.cannotStart(name, reason: String(cString: strerror(errno)))
        }
        return (ends[0], ends[1])
    }

    /// Starts a program with an empty signal mask, the signals' default actions, and no descriptors but the first three.
    private static func spawn(
        _ name: String, _ arguments: [String], standardInput: Int32, standardOutput: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, standardOutput, STDOUT_FILENO)
        for descriptor in openDescriptors() where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var identifier = pid_t()
        let error = posix_spawn(&identifier, arguments[0], &actions, &attributes, &words, environ)
        guard error == 0 else {
            throw UpError.cannotStart(name, reason: String(cString: strerror(error)))
        }
        return identifier
    }

    private static func openDescriptors() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap(Int32.init)
    }
}
