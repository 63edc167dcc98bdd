import Daemon
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import UnitProtocol

/// Where reports go.
public enum ConsoleDestination: Hashable, Sendable {
    /// One line each on stdout, after the unit's name.
    case standardOutput
    /// A file a unit, `NAME.log`; past 1 MiB it becomes `NAME.log.1` and a new one starts.
    case directory(String)
    case none
}

/// Writes reports, off the event loops.
///
/// At most ``queueLimit`` reports wait; when the reader of stdout is slower than the units for so long, newer ones are
/// dropped and counted.
public struct ReportWriter: Service {
    static let queueLimit = 10_000
    static let fileLimit = 1 << 20

    private let destination: ConsoleDestination
    private let printsColorsAsJSON: Bool
    private let logger: Logger
    private let reports: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation
    private let dropped = DropCount()
    private let isStopping = Flag()

    private struct Entry: Sendable {
        var report: UnitReport
        var at: Date
    }

    private struct ColorLine: Encodable {
        var unit: String
        var shows: String
        var at: String
    }

    /// Shared by the copies of a writer.
    private final class DropCount: Sendable {
        let count = Atomic(0)
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    /// - Parameter printsColorsAsJSON: Whether stdout gets a line `{"unit","shows","at"}` each time pixels are set.
    public init(destination: ConsoleDestination, printsColorsAsJSON: Bool = false, logger: Logger) {
        self.destination = destination
        self.printsColorsAsJSON = printsColorsAsJSON
        self.logger = logger
        (reports, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
    }

    /// Never blocks; see ``Fleet``.
    public func write(_ report: UnitReport) {
        if case .dropped = continuation.yield(Entry(report: report, at: Date())) {
            dropped.count.add(1, ordering: .relaxed)
        }
    }

    /// Ends ``run()`` once all that waits is written.
    func finish() { continuation.finish() }

    public func run() async throws {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        if case .directory(let path) = destination {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        await withGracefulShutdownHandler {
            for await entry in reports {
                if destination == .standardOutput || printsColorsAsJSON { await waitForReader() }
                guard !isStopping.value.load(ordering: .relaxed) || hasReader() else { continue }
                do {
                    try write(entry, isTerminal: isTerminal)
                } catch {
                    // No room, or nobody reads: the text is lost, the unit goes on.
                    dropped.count.add(1, ordering: .relaxed)
                }
            }
        } onGracefulShutdown: {
            isStopping.value.store(true, ordering: .relaxed)
            continuation.finish()
        }
        let lost = dropped.count.load(ordering: .relaxed)
        if lost > 0 { logger.warning("reports.dropped", metadata: ["count": "\(lost)"]) }
    }

    /// Waits until stdout takes a line without blocking; at the shutdown it does not wait.
    private func waitForReader() async {
        while !isStopping.value.load(ordering: .relaxed), !hasReader() {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Whether stdout takes a line now. A pipe that is ready takes 4096 bytes at least (pipe(7)).
    private func hasReader() -> Bool {
        guard destination == .standardOutput || printsColorsAsJSON else { return true }
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&output, 1, 0) != 0
    }

    private func write(_ entry: Entry, isTerminal: Bool) throws {
        let unit = entry.report.unit
        switch entry.report.event {
        case .shows(let color) where printsColorsAsJSON:
            try Daemon.printLine(
                ColorLine(
                    unit: unit, shows: color.description,
                    at: entry.at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))))
        case .shows(let color):
            try write(ConsoleText.color(color, isTerminal: isTerminal && destination == .standardOutput), of: unit)
        case .console(let line):
            try write(ConsoleText.escaped(line), of: unit)
        }
    }

    private func write(_ line: String, of unit: String) throws {
        switch destination {
        case .standardOutput:
            try FileHandle.standardOutput.write(contentsOf: Data("\(unit): \(line)\n".utf8))
        case .directory(let path):
            try append(line, to: URL(filePath: path).appending(path: "\(unit).log"))
        case .none:
            break
        }
    }

    private func append(_ line: String, to file: URL) throws {
        if !FileManager.default.fileExists(atPath: file.path) {
            try Data().write(to: file)
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        let size = try handle.seekToEnd()
        try handle.write(contentsOf: Data("\(line)\n".utf8))
        if size >= Self.fileLimit {
            let old = file.appendingPathExtension("1")
            try? FileManager.default.removeItem(at: old)
            try FileManager.default.moveItem(at: file, to: old)
        }
    }
}
