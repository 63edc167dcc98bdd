import Foundation

/// A process that has a port open.
public struct PortHolder: Sendable, Equatable, Encodable, CustomStringConvertible {
    public var process: Int
    /// Its name as the kernel keeps it, at most 15 bytes.
    public var command: String

    public init(process: Int, command: String) {
        self.process = process
        self.command = command
    }

    public var description: String { "\(command) (process \(process))" }

    /// The processes but this one that have the device open, as far as this user may see them.
    ///
    /// Source: proc(5), `/proc/PID/fd` and `/proc/PID/comm`.
    public static func all(of path: String) -> [PortHolder] {
        let device = URL(filePath: path).resolvingSymlinksInPath().path
        let manager = FileManager.default
        let processes = ((try? manager.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int.init)
        return processes.sorted().filter { $0 != Int(getpid()) }.compactMap { process in
            let descriptors = (try? manager.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
            let isHolder = descriptors.contains {
                (try? manager.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")) == device
            }
            guard isHolder else { return nil }
            let command = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "?"
            return PortHolder(process: process, command: command.trimmingCharacters(in: .newlines))
        }
    }

    /// The group that owns the device.
    static func group(of path: String) -> String? {
        (try? FileManager.default.attributesOfItem(atPath: URL(filePath: path).resolvingSymlinksInPath().path))?[
            .groupOwnerAccountName] as? String
    }
}
