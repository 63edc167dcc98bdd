import Foundation
import Logging

/// Writes events to stderr as one line each: `2026-01-31T12:00:00.000Z info hub hub.ready port=8080`.
///
/// The message of a log call is the event's stable name; all that varies goes into metadata. Data belongs on stdout.
public struct EventLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - label: The part that speaks: `hub`, `base`, `sim`.
    ///   - write: Where finished lines go; each ends with a line feed.
    public init(
        label: String, level: Logger.Level = .info,
        write: @escaping @Sendable (String) -> Void = EventLogHandler.writeToStandardError
    ) {
        self.label = label
        self.logLevel = level
        self.write = write
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
        var line = "\(Self.timestamp(Date())) \(level.rawValue) \(label) \(Self.escaped("\(message)"))"
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quoted("\(value)"))"
        }
        write(line + "\n")
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

    /// A value in logfmt's notation: bare when it is plain, else in double quotes with control characters escaped.
    static func quoted(_ value: String) -> String {
        let plain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "=" && scalar != "\\"
            }
        guard !plain else { return value }
        return "\"\(escaped(value).replacing("\"", with: "\\\""))\""
    }

    /// Control characters never reach the terminal as they are: what is logged may come from a hostile peer.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _
            where scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
