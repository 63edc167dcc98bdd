import Foundation
import Glibc
import Files

/// Where the whole system keeps what must survive a restart; only its owner may write in it, and read what is secret.
struct StateDirectory: Sendable {
    let url: URL

    /// What `iot up` remembers between two runs.
    struct Memory: Codable, Equatable, Sendable {
        /// A token of the hub with the ability `admin`.
        var adminToken: String?
        /// A token of the hub with the ability `base`.
        var baseToken: String?
        /// As the hub gave it at its first start; nil when the hub has refused it since.
        var adminPassword: String?
        /// Whether the hub has refused what it gave: the user has another one.
        var passwordWasChanged: Bool?
    }

    /// Opens the directory, making it when it is absent; one that exists is refused where others may write in it.
    ///
    /// - Parameter path: Nil takes `$XDG_STATE_HOME/iot`, by default `~/.local/state/iot`.
    /// - Throws: ``UpError/stateDirectory(_:reason:)``.
    init(path: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        url = path.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? Self.standard(environment)
        for directory in [url, console] {
            do {
                try PrivateFolder.prepare(directory)
            } catch {
                throw UpError.stateDirectory(directory.path, reason: "\(error)")
            }
        }
    }

    private static func standard(_ environment: [String: String]) -> URL {
        let base =
            environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            ?? (environment["HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil } ?? URL.homeDirectory)
            .appending(path: ".local/state")
        return base.appending(path: "iot", directoryHint: .isDirectory)
    }

    var hub: URL { url.appending(path: "hub", directoryHint: .isDirectory) }
    var fleetFile: URL { url.appending(path: "fleet.yaml") }
    var baseConfiguration: URL { url.appending(path: "config.json") }
    /// Where the base keeps what the hub does not have yet.
    var baseOutbox: URL { url.appending(path: "base", directoryHint: .isDirectory) }
    /// One file a unit: what it prints on its serial console.
    var console: URL { url.appending(path: "console", directoryHint: .isDirectory) }
    private var memoryFile: URL { url.appending(path: "up.json") }

    /// What the last run left; empty when there was none or its file cannot be read.
    func recall() -> Memory {
        guard let data = try? Data(contentsOf: memoryFile),
            let memory = try? JSONDecoder().decode(Memory.self, from: data)
        else { return Memory() }
        return memory
    }

    func remember(_ memory: Memory) throws {
        try write(try JSONEncoder().encode(memory), to: memoryFile)
    }

    /// Replaces a file as a whole, readable by its owner alone from the first byte on.
    func write(_ data: Data, to file: URL) throws {
        let fresh = file.appendingPathExtension("new")
        try attempt {
            try? FileManager.default.removeItem(at: fresh)
            guard
                FileManager.default.createFile(
                    atPath: fresh.path, contents: data, attributes: [.posixPermissions: 0o600]),
                rename(fresh.path, file.path) == 0
            else { throw CocoaError(.fileWriteUnknown) }
        }
    }

    private func attempt(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw UpError.stateDirectory(url.path, reason: error.localizedDescription)
        }
    }
}
