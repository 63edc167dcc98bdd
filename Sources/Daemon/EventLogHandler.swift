import Foundation
import Logging

/// Writes events to stderr as one line each: `2026-01-31T12:00:00.000Z info hub hub.ready port=8080`, or in another
/// ``LogFormat``.
///
/// The message of a log call is the event's stable name; all that varies goes into metadata. Data belongs on stdout.
public struct EventLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let log: EventLog

    /// - Parameters:
    ///   - label: The part that speaks: `hub`, `base`, `sim`.
    ///   - write: Where finished lines go; each ends with a line feed.
    public init(
        label: String, level: Logger.Level = .info,
        write: @escaping @Sendable (String) -> Void = EventLogHandler.writeToStandardError
    ) {
        self.init(label: label, level: level, log: EventLog(write: write))
    }

    init(label: String, level: Logger.Level, log: EventLog) {
        self.label = label
        self.logLevel = level
        self.log = log
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    // The package for Swift 6.1 knows only the older form of this requirement.
    #if compiler(>=6.2)
        public func log(event: LogEvent) {
            log(event.level, event.message, event.metadata)
        }
    #else
        public func log(
            level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?,
            source: String, file: String, function: String, line: UInt
        ) {
            log(level, message, metadata)
        }
    #endif

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata?) {
        let merged = self.metadata.merging(metadata ?? [:]) { _, new in new }
        log.take(
            label, level, "\(message)", merged.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") })
    }

    /// The usual destination. One write for each line, so that lines of several threads do not mix. A line that cannot be
    /// written, because the disk is full or the reader is gone, is dropped: no log is worth the service.
    public static let writeToStandardError: @Sendable (String) -> Void = { line in
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    /// UTC with milliseconds, as RFC 3339 has it.
    static func timestamp(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
