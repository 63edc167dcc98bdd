import Foundation
import Glibc
import Logging

/// Whether stderr goes to systemd's journal, which takes a line's priority from its beginning (sd-daemon(3), systemd.exec(5)).
enum JournalStream {
    /// `$JOURNAL_STREAM` holds device and inode of the stream that systemd made; stderr may have been redirected since.
    static var isStandardError: Bool {
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return names(ProcessInfo.processInfo.environment["JOURNAL_STREAM"], device: status.st_dev, inode: status.st_ino)
    }

    static func names(_ variable: String?, device: dev_t, inode: ino_t) -> Bool {
        variable == "\(device):\(inode)"
    }

    /// `<4>` for a warning: the priorities of syslog(3).
    static func prefix(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
