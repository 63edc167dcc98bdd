import Daemon
import Foundation
import Synchronization

/// A child process of an attempt, whose lines go into the journal and to who listens. What it has started ends with it.
final class Program: Sendable {
    let child: ChildProcess
    private let readers: [Task<Void, Never>]
    private let lastErrors: LastLines

    private static let linesKept = 100_000

    /// - Parameters:
    ///   - output: Is told each line of stdout.
    ///   - errors: Is told each line of stderr.
    ///   - lost: Is told how many lines more were dropped, as too many others were waiting.
    /// - Throws: ``HILError/infrastructure(_:)`` where it does not start.
    init(
        _ name: String, _ executable: URL, _ arguments: [String], environment: [String: String]? = nil,
        output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void,
        lost: @escaping @Sendable (Int) -> Void
    ) throws {
        let child: ChildProcess
        do {
            child = try ChildProcess(
                name: name, executable: executable, arguments: arguments, environment: environment, readsErrors: true,
                linesKept: Self.linesKept, endsGroup: true)
            GroupReaper.shared?.watch(child)
        } catch {
            throw HILError.infrastructure("\(error)")
        }
        self.child = child
        let lastErrors = LastLines()
        self.lastErrors = lastErrors
        let told = Mutex(0)
        let count: @Sendable () -> Void = {
            let more = told.withLock { told in
                let all = child.linesDropped
                defer { told = all }
                return all - told
            }
            if more > 0 { lost(more) }
        }
        readers = [
            Task {
                for await line in child.lines {
                    count()
                    output(line)
                }
            },
            Task {
                guard let lines = child.errorLines else { return }
                for await line in lines {
                    count()
                    lastErrors.append(line)
                    errors(line)
                }
            },
        ]
    }

    /// What it has said last on stderr, on one line; nil where that is nothing.
    var lastWords: String? { lastErrors.text }

    /// How it has ended though nobody has asked for it; nil while it runs.
    func ownEnd() async -> ProgramEnd? {
        guard let status = child.endStatus else { return nil }
        // Its last lines may still be on their way.
        await drain()
        return ProgramEnd(status: status, lastLine: lastErrors.last, wasAsked: false)
    }

    /// Asks it to end, and kills it after `limit`; returns when its last line was taken, or a second later.
    func stop(within limit: Duration) async -> ProgramEnd {
        if let end = await ownEnd() { return end }
        await child.stop(within: limit)
        await drain()
        return ProgramEnd(status: child.endStatus ?? "no end", lastLine: lastErrors.last)
    }

    /// The same for it and all that it has started; how they end is nobody's concern.
    func stopAll(within limit: Duration) async {
        await child.stopGroup(within: limit)
        await drain()
    }

    /// Kills it and all that it has started.
    ///
    /// - Returns: How it had ended though nobody had asked for it; nil where it has run until now.
    func kill() async -> ProgramEnd? {
        let own = await ownEnd()
        await child.killAtOnce()
        if let own { return own }
        await drain()
        // Between the look and the signal it may have ended as well.
        guard let status = child.endStatus, status != "signal \(SIGKILL)" else { return nil }
        return ProgramEnd(status: status, lastLine: lastErrors.last, wasAsked: false)
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

    /// Runs a program to its end. All that it has started ends with it, or when its time is over before.
    ///
    /// - Returns: How it ended, and its first lines on stdout.
    static func run(
        _ name: String, _ executable: URL, _ arguments: [String], environment: [String: String]? = nil,
        tell: @escaping @Sendable (String) -> Void
    ) async throws -> (end: ProgramEnd, output: [String]) {
        let output = Mutex<[String]>([])
        let program = try Program(
            name, executable, arguments, environment: environment,
            output: { line in
                output.withLock { if $0.count < 1000 { $0.append(line) } }
                tell(line)
            }, errors: tell, lost: { tell("\($0) of its lines were lost here: they came too fast") })
        guard let status = await program.child.waitForEnd() else {
            await program.stopAll(within: .seconds(2))
            throw CancellationError()
        }
        await program.drain()
        return (ProgramEnd(status: status, lastLine: program.lastErrors.last), output.withLock(\.self))
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
