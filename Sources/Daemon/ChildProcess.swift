import Foundation
import Glibc
import Synchronization

/// A child process: its lines on stdout, its end, and the means to stop it.
///
/// The child's stdin is a pipe, to which ``send(line:)`` writes, if anybody does. The kernel closes it when this process ends,
/// however it ends, and the child, started with `--stop-with-parent`, then stops as well.
///
/// Foundation's own `Process` will not do: its children inherit the signal mask of whatever thread started them, and on
/// a thread of the concurrency pool that blocks SIGTERM; and they inherit the pipes of their siblings, which then
/// never close.
public final class ChildProcess: Sendable {
    /// What messages call it.
    public let name: String
    public let processIdentifier: pid_t
    /// What the child prints on stdout, line by line; ends when the child closes it.
    public let lines: AsyncStream<String>
    /// The same for stderr where that was asked for; else nil, and stderr is this process's own.
    public let errorLines: AsyncStream<String>?
    private let ending: Ending
    private let dropped = LineCount()
    /// The child's stdin, held open as long as this object lives.
    private let input: FileHandle

    /// Starts `executable` with `arguments`.
    ///
    /// - Parameters:
    ///   - environment: Replaces the child's environment; nil hands down this process's own.
    ///   - readsErrors: Whether stderr comes as ``errorLines``.
    ///   - linesKept: So many lines of stdout, and of stderr, wait for a reader; later ones are dropped, and ``linesDropped`` counts them.
    ///   - endsGroup: Whether what the child has started, and is still in its process group, is killed when the child ends.
    /// - Throws: ``ChildProcessError/cannotStart(_:reason:)``.
    public init(
        name: String, executable: URL, arguments: [String], environment: [String: String]? = nil,
        readsErrors: Bool = false, linesKept: Int = 1000, endsGroup: Bool = false
    ) throws {
        self.name = name
        let (identifier, input, output, errors) = try Self.starting.withLock { _ in
            let input = try Self.pipe(for: name)
            let output = try Self.pipe(for: name)
            let errors = readsErrors ? try Self.pipe(for: name) : nil
            defer {
                close(input.read)
                close(output.write)
                if let errors { close(errors.write) }
            }
            do {
                let identifier = try Self.spawn(
                    name, [executable.path] + arguments, environment: environment,
                    streams: (input.read, output.write, errors?.write ?? STDERR_FILENO))
                return (identifier, input.write, output.read, errors?.read)
            } catch {
                for end in [input.write, output.read, errors?.read].compactMap(\.self) { close(end) }
                throw error
            }
        }
        processIdentifier = identifier
        ending = Ending(of: identifier, takesGroupAlong: endsGroup)
        self.input = FileHandle(fileDescriptor: input, closeOnDealloc: true)
        let dropped = dropped
        lines = .lines(of: output, kept: linesKept, dropped: dropped)
        errorLines = errors.map { .lines(of: $0, kept: linesKept, dropped: dropped) }
    }

    /// How many lines nobody will get, as too many others waited for a reader.
    public var linesDropped: Int { dropped.value }

    /// How it has ended: `exit code 1`, `signal 9`; nil while it runs.
    public var endStatus: String? { ending.status }

    /// Writes a line to the child's stdin; waits while the pipe is full. The caller has SIGPIPE ignored.
    ///
    /// - Throws: The system's error when the child does not read any more.
    public func send(line: String) throws {
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The same, without a wait of the thread: tries again and again for as long as the pipe is full, and `limit` lasts.
    ///
    /// - Throws: The system's error when the child does not read any more, `ETIMEDOUT` where it has not read in time.
    public func send(line: String, within limit: Duration) async throws {
        let descriptor = input.fileDescriptor
        let deadline = ContinuousClock.now + limit
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            var one = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // A pipe that is ready takes a page's worth of a write without a wait, as pipe(7) has it.
            if poll(&one, 1, 0) > 0 {
                let count = rest.prefix(Int(PIPE_BUF)).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count > 0 {
                    rest = rest.dropFirst(count)
                    continue
                }
                if errno != EINTR { throw Self.systemError(errno) }
            }
            guard ContinuousClock.now < deadline else { throw Self.systemError(ETIMEDOUT) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func systemError(_ number: Int32) -> POSIXError {
        POSIXError(POSIXErrorCode(rawValue: number) ?? .EIO)
    }

    /// Waits for the child's end.
    ///
    /// - Returns: How it ended: `exit code 1`, `signal 9`. Nil when the waiting task was cancelled.
    public func waitForEnd() async -> String? {
        await ending.wait()
    }

    /// The first line on stdout.
    ///
    /// - Throws: ``ChildProcessError/childEnded(_:status:)``, ``ChildProcessError/childSilent(_:limit:)``.
    public func readyLine(within limit: Duration) async throws -> String {
        let line = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { [lines] in await lines.first { _ in true } }
            group.addTask { [name] in
                try await Task.sleep(for: limit)
                throw ChildProcessError.childSilent(name, limit: limit)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let line else {
            try Task.checkCancellation()
            throw ChildProcessError.childEnded(name, status: await waitForEnd() ?? "unknown")
        }
        return line
    }

    /// Asks the child to stop and waits for it; kills it when it has not ended within `limit`.
    public func stop(within limit: Duration) async {
        ending.send(SIGTERM)
        let killer = Task { [ending] in
            try await Task.sleep(for: limit)
            ending.send(SIGKILL)
        }
        // In a task of its own, so that the caller's cancellation does not leave a child behind.
        await Task.detached { [ending] in _ = await ending.wait() }.value
        killer.cancel()
    }

    /// Asks the child and all of its process group to stop; kills those of them that have not when the child ends, or when `limit` is over.
    public func stopGroup(within limit: Duration) async {
        ending.takeGroupAlong()
        ending.send(SIGTERM, toGroup: true)
        let killer = Task { [ending] in
            try await Task.sleep(for: limit)
            ending.send(SIGKILL, toGroup: true)
        }
        await Task.detached { [ending] in _ = await ending.wait() }.value
        killer.cancel()
    }

    /// Kills the child and all of its process group, without a word before, and waits for its end.
    public func killAtOnce() async {
        ending.send(SIGKILL, toGroup: true)
        await Task.detached { [ending] in _ = await ending.wait() }.value
    }

    /// Held from the first pipe to the start: a child that another thread starts meanwhile would inherit what it does not
    /// know of.
    private static let starting = Mutex(())

    private static func pipe(for name: String) throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw ChildProcessError.cannotStart(name, reason: String(cString: strerror(errno)))
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Starts a program with an empty signal mask, the signals' default actions, a process group of its own, and no
    /// descriptors but the first three.
    private static func spawn(
        _ name: String, _ arguments: [String], environment: [String: String]?,
        streams: (input: Int32, output: Int32, error: Int32)
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, streams.input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.error, STDERR_FILENO)
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
        // Zero is a group of the child's own: a terminal's Ctrl-C goes to the parent alone, which stops its children in
        // their order.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var words = arguments.map { strdup($0) } + [nil]
        var variables =
            (environment ?? ProcessInfo.processInfo.environment)
            .map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var identifier = pid_t()
        var error = ETXTBSY
        // A file that was just written is busy as long as a process that another thread starts has it open, for a moment.
        for _ in 0..<busyTries where error == ETXTBSY {
            error = posix_spawn(&identifier, arguments[0], &actions, &attributes, &words, &variables)
            if error == ETXTBSY { usleep(busyPause) }
        }
        guard error == 0 else {
            throw ChildProcessError.cannotStart(name, reason: String(cString: strerror(error)))
        }
        return identifier
    }

    private static let busyTries = 50
    /// In microseconds.
    private static let busyPause: UInt32 = 10_000

    private static func openDescriptors() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap(Int32.init)
    }
}
