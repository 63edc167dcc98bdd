import Foundation
import Settings

/// `outbox`: how measurements are kept until the dashboard has them.
public struct OutboxConfiguration: Equatable, Sendable {
    private enum Sync: String, CaseIterable {
        case always, interval, never
    }

    /// Nil: where the system keeps the state of services or of users (``defaultDirectory(_:)``).
    public var directory: String?
    public var settings = OutboxSettings()
    /// The most bytes of the measurements that the dashboard has refused for good.
    public var deadLetterBytes = 16 * 1024 * 1024

    public init() {}

    init(_ reader: SettingsReader?, _ sources: SecretSources) {
        guard let reader else { return }
        directory = reader.string("directory").map(sources.path)
        if let directory, sources.folder != nil, let obstacle = Self.obstacle(on: directory) {
            reader.report("directory", "cannot be a folder: \(obstacle) is there and is none")
        }
        let interval = reader.duration("sync-interval", in: .milliseconds(1)...(.seconds(3600)))
        let sync = reader.choice("sync", of: Sync.self)
        switch sync ?? .interval {
        case .always: settings.sync = .always
        case .never: settings.sync = .never
        case .interval: if let interval { settings.sync = .interval(interval) }
        }
        if interval != nil, sync == .always || sync == .never {
            reader.report("sync-interval", "is for \"sync\": \"interval\"; leave one of them out")
        }
        settings.atLimit = reader.choice("at-limit", of: OutboxSettings.LimitPolicy.self) ?? settings.atLimit
        settings.maximumBytes = reader.integer("maximum-bytes", in: 1 << 20...1 << 40) ?? settings.maximumBytes
        settings.maximumAge =
            reader.duration("maximum-age", in: .seconds(1)...(.seconds(3650 * 86_400))) ?? settings.maximumAge
        settings.memoryRecords = reader.integer("memory-records", in: 1...1_000_000) ?? settings.memoryRecords
        deadLetterBytes = reader.integer("dead-letter-bytes", in: 1 << 16...1 << 34) ?? deadLetterBytes
        // A small outbox has small segments.
        settings.segmentBytes = min(settings.segmentBytes, settings.maximumBytes / 8)
        reader.finish()
    }

    /// What stands on the way to a folder that may still have to be made, and is no folder.
    private static func obstacle(on path: String) -> String? {
        var place = URL(filePath: path).standardizedFileURL
        while place.pathComponents.count > 1 {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) {
                return isFolder.boolValue ? nil : place.path
            }
            place.deleteLastPathComponent()
        }
        return nil
    }

    /// The folder that is used.
    var place: String { directory ?? Self.defaultDirectory(ProcessInfo.processInfo.environment) }

    /// systemd's `$STATE_DIRECTORY`, else `$XDG_STATE_HOME/iot-base`, else `~/.local/state/iot-base`.
    static func defaultDirectory(_ environment: [String: String]) -> String {
        if let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(state) }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/iot-base" }
        return "\(NSHomeDirectory())/.local/state/iot-base"
    }
}
