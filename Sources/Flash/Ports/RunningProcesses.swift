import Foundation

/// The programs that run on this machine, by the names that the kernel keeps (at most 15 bytes).
enum RunningProcesses {
    static func names() -> Set<String> {
        let manager = FileManager.default
        let processes = ((try? manager.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }
        return Set(
            processes.compactMap { try? String(contentsOfFile: "/proc/\($0)/comm", encoding: .utf8) }
                .map { $0.trimmingCharacters(in: .newlines) })
    }
}
