import Foundation

/// The process that has a port open.
public struct PortHolder: Sendable, Equatable, Encodable, CustomStringConvertible {
    public var process: Int
    /// Its name as the kernel keeps it, at most 15 bytes.
    public var command: String

    public var description: String { "\(command) (process \(process))" }

    /// The first process but this one that has the device open; nil where there is none, or none that this user may see.
    ///
    /// Source: proc(5), `/proc/PID/fd` and `/proc/PID/comm`.
    public static func find(_ path: String) -> PortHolder? {
        let device = URL(filePath: path).resolvingSymlinksInPath().path
        let manager = FileManager.default
        for entry in (try? manager.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int(entry), process != getpid() else { continue }
            let descriptors = (try? manager.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
            let isHolder = descriptors.contains {
                (try? manager.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")) == device
            }
            guard isHolder else { continue }
            let command = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "?"
            return PortHolder(process: process, command: command.trimmingCharacters(in: .newlines))
        }
        return nil
    }

    /// The group that owns the device.
    static func group(of path: String) -> String? {
        (try? FileManager.default.attributesOfItem(atPath: URL(filePath: path).resolvingSymlinksInPath().path))?[
            .groupOwnerAccountName] as? String
    }
}
