import Foundation
import TerminalText

/// A process that has a port open.
public struct PortHolder: Sendable, Equatable, Encodable, CustomStringConvertible {
    public var process: Int
    /// Its name as the kernel keeps it, at most 15 bytes.
    public var command: String

    public init(process: Int, command: String) {
        self.process = process
        self.command = command
    }

    /// A process gives itself its name, which may hold anything.
    public var description: String { "\(command.printable) (process \(process))" }

    /// The processes but this one that have the device open, as far as this user may see them. Who plays the device itself
    /// is none of them: the process at the other end of a pseudo terminal.
    ///
    /// Source: proc(5), `/proc/PID/fd` and `/proc/PID/comm`.
    public static func all(of path: String) -> [PortHolder] { all(of: path, withOtherEnd: false) }

    /// - Parameter withOtherEnd: Whether the process at the other end of a pseudo terminal counts.
    static func all(of path: String, withOtherEnd: Bool) -> [PortHolder] {
        let device = URL(filePath: path).resolvingSymlinksInPath().path
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int.init)
        return processes.sorted().filter { $0 != Int(getpid()) }.compactMap { process in
            let files = files(of: process)
            guard files.contains(where: { $0.target == device && !isOwnCopy($0.descriptor, process) }),
                withOtherEnd || !files.contains(where: { isOtherEnd($0, of: device, process) })
            else { return nil }
            let command = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? "?"
            return PortHolder(process: process, command: command.trimmingCharacters(in: .newlines))
        }
    }

    /// A process's open files.
    private static func files(of process: Int) -> [(descriptor: String, target: String)] {
        let manager = FileManager.default
        let folder = "/proc/\(process)/fd"
        return ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).compactMap { descriptor in
            (try? manager.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")).map { (descriptor, $0) }
        }
    }

    /// Whether a descriptor is a copy of this process's own: a child has them until it becomes another program.
    private static func isOwnCopy(_ descriptor: String, _ process: Int) -> Bool {
        func number(_ key: String, _ file: String, radix: Int) -> Int? {
            let text = try? String(contentsOfFile: "/proc/\(process)/\(file)", encoding: .utf8)
            return text?.split(separator: "\n").first { $0.hasPrefix(key) }?
                .split(whereSeparator: \.isWhitespace).last.flatMap { Int($0, radix: radix) }
        }
        guard number("PPid:", "status", radix: 10) == Int(getpid()) else { return false }
        // A process that has ended meanwhile holds nothing.
        return number("flags:", "fdinfo/\(descriptor)", radix: 8).map { $0 & Int(O_CLOEXEC) != 0 } ?? true
    }

    /// Whether a file is the master of the pseudo terminal. Which one it is of, the line `tty-index` of its fdinfo says; it
    /// counts as this one's where the kernel does not say so.
    private static func isOtherEnd(
        _ file: (descriptor: String, target: String), of device: String, _ process: Int
    ) -> Bool {
        guard device.hasPrefix("/dev/pts/"), file.target.hasSuffix("/ptmx") else { return false }
        let info = try? String(contentsOfFile: "/proc/\(process)/fdinfo/\(file.descriptor)", encoding: .utf8)
        let index = info?.split(separator: "\n").first { $0.hasPrefix("tty-index:") }
        return index.map { $0.split(whereSeparator: \.isWhitespace).last == device.split(separator: "/").last } ?? true
    }

    /// The group that may open the device: nil where its mode leaves its group out, and where that group is root's own,
    /// which nobody is to join.
    static func group(of path: String) -> String? {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            let mode = attributes[.posixPermissions] as? Int, mode & 0o060 == 0o060,
            attributes[.groupOwnerAccountID] as? Int != 0
        else { return nil }
        return attributes[.groupOwnerAccountName] as? String
    }
}
