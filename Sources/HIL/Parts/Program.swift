import Daemon
import Foundation
import Synchronization

/// A child process of an attempt, whose lines go into the journal and to who listens.
final class Program: Sendable {
    let child: ChildProcess
    private let readers: [Task<Void, Never>]

    /// - Parameters:
    ///   - output: Is told each line of stdout.
    ///   - errors: Is told each line of stderr.
    /// - Throws: ``HILError/infrastructure(_:)`` where it does not start.
    init(
        _ name: String, _ executable: URL, _ arguments: [String], environment: [String: String]? = nil,
        output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void
    ) throws {
        do {
            child = try ChildProcess(
                name: name, executable: executable, arguments: arguments, environment: environment, readsErrors: true,
                linesKept: 100_000)
        } catch {
            throw HILError.infrastructure("\(error)")
        }
        readers = [
            Task { [child] in for await line in child.lines { output(line) } },
            Task { [child] in
                guard let lines = child.errorLines else { return }
                for await line in lines { errors(line) }
            },
        ]
    }

    /// Asks it to end, and kills it after `limit`; returns when its last line was taken, or a second later.
    ///
    /// - Returns: Whether it has ended in time, by itself.
    func stop(within limit: Duration) async {
        await child.stop(within: limit)
        await drain()
    }

    func kill() async {
        await child.killAtOnce()
        await drain()
    }

    /// A grandchild that keeps the pipe open must not keep us.
    func drain() async {
        let timer = Task { [readers] in
            try await Task.sleep(for: .seconds(1))
            for reader in readers { reader.cancel() }
        }
        for reader in readers { await reader.value }
        timer.cancel()
    }

    /// Runs a program to its end.
    ///
    /// - Returns: How it ended, `exit code 0`, and its first lines on stdout.
    static func run(
        _ name: String, _ executable: URL, _ arguments: [String], environment: [String: String]? = nil,
        tell: @escaping @Sendable (String) -> Void
    ) async throws -> (end: String, output: [String]) {
        let output = Mutex<[String]>([])
        let program = try Program(
            name, executable, arguments, environment: environment,
            output: { line in
                output.withLock { if $0.count < 1000 { $0.append(line) } }
                tell(line)
            }, errors: tell)
        guard let end = await program.child.waitForEnd() else {
            // The step's time is over.
            await program.stop(within: .seconds(2))
            throw CancellationError()
        }
        await program.drain()
        return (end, output.withLock(\.self))
    }

    /// A program as a person names it: a path, or a name that is looked for in PATH.
    static func executable(_ name: String) throws -> URL {
        if name.contains("/") { return URL(filePath: name) }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
            return URL(filePath: "\(folder)/\(name)")
        }
        throw HILError.infrastructure("there is no program \(name) in PATH")
    }
}
