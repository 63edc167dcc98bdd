import Foundation
import Glibc

/// Where the locks of boards are unless somebody says otherwise.
enum LockFolder {
    /// In the folder that the system keeps for this user's running programs, or in one of this user's own in /tmp.
    static func usual(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            return URL(filePath: runtime).appending(path: "iot-hil-locks")
        }
        return URL(filePath: "/tmp/iot-hil-locks-\(geteuid())")
    }
}
