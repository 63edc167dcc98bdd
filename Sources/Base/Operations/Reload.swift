import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the configuration anew at SIGHUP and when its file changes: a good one changes the units that are read and those
/// that may be sent requests, a bad one changes nothing and is told.
actor Reload: Service {
    /// What the latest readings have come to.
    struct Standing: Codable, Equatable, Sendable {
        var succeeded = 0
        var failed = 0
        /// Why the file as it is now is not what runs; nil while it is.
        var problem: String?
        /// Sections that the file has otherwise than what runs.
        var needRestart: [String] = []
    }

    /// Makes the units be read and allowed that the configuration names.
    typealias Apply = @Sendable (Configuration) async throws -> Void
    /// Does what it is given, which gives a line for people in the end.
    typealias Around = @Sendable (@escaping @Sendable () async -> String) async -> Void

    private let path: String
    /// What the base was started with; of it `clients` and `allow` change.
    private var running: Configuration
    private let read: @Sendable () throws -> Configuration
    private let apply: Apply
    private let around: Around
    private let logger: Logger
    private var current = Standing()
    /// The latest reading that has begun or waits for its turn.
    private var latest: Task<Void, Never>?

    /// - Parameters:
    ///   - read: Reads and checks the file.
    ///   - around: Tells others that it is read anew because somebody asked.
    init(
        path: String, running: Configuration, logger: Logger, read: @escaping @Sendable () throws -> Configuration,
        apply: @escaping Apply, around: @escaping Around = { _ = await $0() }
    ) {
        self.around = around
        self.path = path
        self.running = running
        self.read = read
        self.apply = apply
        self.logger = logger
    }

    var standing: Standing { current }

    func run() async throws {
        let watch = FileWatch(path)
        if let reason = watch.problem {
            logger.warning("configuration.unwatched", metadata: ["why": "\(reason); SIGHUP reads it anew"])
        }
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await cancelWhenGracefulShutdown { for await _ in signals { await self.reloadAsAsked() } }
                }
                group.addTask { for await _ in watch.changes { await self.reload(asked: false) } }
            }
        } onGracefulShutdown: {
            watch.stop()
        }
    }

    private func reloadAsAsked() async {
        await around {
            await self.reload(asked: true)
            return await self.words
        }
    }

    /// What the service manager shows.
    private var words: String {
        let count = running.clients.count
        let units = "\(count) \(count == 1 ? "unit" : "units") to read"
        return current.problem.map { "\(units); the changed configuration is refused: \($0)" } ?? units
    }

    /// Reads the file and applies it, wholly or not at all. One at a time: the file is read when the ones before are applied,
    /// so that none brings back what was older.
    ///
    /// - Parameter asked: Whether somebody wants to hear of it though nothing has changed.
    func reload(asked: Bool) async {
        let turn = Task { [latest] in
            await latest?.value
            await self.readAndApply(asked: asked)
        }
        latest = turn
        await turn.value
    }

    private func readAndApply(asked: Bool) async {
        do {
            let new = try read()
            let change = ConfigurationChange(from: running, to: new)
            let isNews = current.problem != nil || change.needRestart != current.needRestart || !change.isEmpty
            guard asked || isNews else { return }
            if !change.isEmpty { try await apply(new) }
            (running.clients, running.allowed) = (new.clients, new.allowed)
            current.succeeded += 1
            (current.problem, current.needRestart) = (nil, change.needRestart)
            tell(new, change)
        } catch {
            let reason = "\(error)"
            guard asked || reason != current.problem else { return }
            current.failed += 1
            current.problem = reason
            logger.error("configuration.refused", metadata: ["why": "\(reason)", "what": "nothing has changed"])
        }
    }

    private func tell(_ new: Configuration, _ change: ConfigurationChange) {
        for warning in new.warnings { logger.warning("configuration.warning", metadata: ["why": "\(warning)"]) }
        var metadata: Logger.Metadata = ["added": "\(change.added.count)", "removed": "\(change.removed.count)"]
        if !change.needRestart.isEmpty {
            metadata["needs-restart"] = "\(change.needRestart.joined(separator: ", "))"
        }
        logger.notice("configuration.reloaded", metadata: metadata)
    }
}
