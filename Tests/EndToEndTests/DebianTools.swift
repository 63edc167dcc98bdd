import Foundation
import TestSupport
import Testing

/// Debian's own tools, that the package and its service are tested with: looked for where `make deps` puts them. In CI they are
/// expected, so that a missing one fails there.
enum DebianTools {
    static let analyze = URL(filePath: "/usr/bin/systemd-analyze")

    static var canPackage: Bool {
        isExpected(["dpkg-shlibdeps", "patchelf", "lintian", "systemd-sysusers"]) && PythonPeer.isExpected
    }

    static var canAnalyze: Bool { isExpected(["systemd-analyze"]) }

    /// Whether systemd can be run in namespaces of its own: for root alone, who may make groups of processes.
    static var canRunSystemd: Bool { geteuid() == 0 && makesGroups }

    static let noSystemd: Comment = "only root can run systemd in namespaces of its own, where cgroup2 can be written"

    /// Whether a group can be made in the hierarchy that `Tests/Peers/systemd/machine` uses.
    private static var makesGroups: Bool {
        let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
        let words = mounts.split(separator: "\n").map { $0.split(separator: " ") }
        guard let hierarchy = words.first(where: { $0.count > 2 && $0[2] == "cgroup2" })?[1] else { return false }
        let group = "\(hierarchy)/iot-tests-\(getpid())"
        guard mkdir(group, 0o755) == 0 else { return false }
        return rmdir(group) == 0
    }

    /// For `@Suite(.enabled(if:, DebianTools.reason))`.
    static let reason: Comment = "the peers or Debian's tools are missing; run make deps peers"

    private static func isExpected(_ names: [String]) -> Bool {
        ProcessInfo.processInfo.environment["CI"] == "true"
            || names.allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
    }
}
