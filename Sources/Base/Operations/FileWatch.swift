import Foundation
import Glibc
import Synchronization

/// Tells when a file has changed, written in place or replaced by another of its name.
///
/// inotify(7) on the folder, as the file itself may be another one after each change. A thread of its own waits in poll(2),
/// and looks every ``folderPause`` whether the folder is still the one that is watched: it may be moved away and made anew,
/// or stand in one that is.
final class FileWatch: Sendable {
    /// A change is told when nothing has happened for so long, or it happened ``longestPause`` ago.
    static let pause = Duration.milliseconds(200)
    static let longestPause = Duration.seconds(2)
    /// A folder that was moved, removed or made anew is told, and watched, so long after that at most.
    static let folderPause = Duration.seconds(2)

    /// One element a change, or several that came together; the end after ``stop()``.
    let changes: AsyncStream<Void>
    /// Why nothing is watched; nil when it is.
    let problem: String?
    /// A byte into it ends the thread.
    private let bell: Mutex<Int32?>

    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB)

    init(_ path: String) {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.changes = changes
        let file = URL(filePath: path)
        var bells: [Int32] = [0, 0]
        let watch = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        var folder = WatchedFolder(path: file.deletingLastPathComponent().path, watch: watch, events: Self.events)
        guard watch >= 0, folder.look(), pipe(&bells) == 0 else {
            problem = "its folder cannot be watched: \(String(cString: strerror(errno)))"
            bell = Mutex(nil)
            if watch >= 0 { close(watch) }
            return
        }
        for end in bells { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        problem = nil
        bell = Mutex(bells[1])
        let (name, ring) = (file.lastPathComponent, bells[0])
        Thread.detachNewThread { [folder] in
            var folder = folder
            Self.watch(&folder, for: name, until: ring) { continuation.yield() }
            continuation.finish()
            close(watch)
            close(ring)
        }
    }

    deinit { stop() }

    func stop() {
        bell.withLock { bell in
            if let bell { close(bell) }
            bell = nil
        }
    }

    private static func watch(
        _ folder: inout WatchedFolder, for name: String, until ring: Int32, _ tell: () -> Void
    ) {
        let clock = ContinuousClock()
        var nextLook = clock.now + folderPause
        /// When the first change came that was not told, and when it is to be told.
        var pending: (first: ContinuousClock.Instant, dueAt: ContinuousClock.Instant)?
        while true {
            let next = min(pending?.dueAt ?? nextLook, nextLook)
            let wait = max(0, Int32(((next - clock.now).inSeconds * 1000).rounded(.up)))
            var waiting = [
                pollfd(fd: folder.watch, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ring, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waiting, nfds_t(waiting.count), wait)
            // The other end was closed.
            guard waiting[1].revents == 0 else { return }
            var isChanged = hasChanged(name, &folder)
            if clock.now >= nextLook {
                nextLook = clock.now + folderPause
                isChanged = folder.look() || isChanged
            }
            if isChanged {
                let first = pending?.first ?? clock.now
                pending = (first, min(clock.now + pause, first + longestPause))
            }
            if let dueAt = pending?.dueAt, clock.now >= dueAt {
                pending = nil
                tell()
            }
        }
    }

    /// Reads all events; whether one is of the file. What was lost because there were too many may have been.
    private static func hasChanged(_ name: String, _ folder: inout WatchedFolder) -> Bool {
        var found = false
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(folder.watch, &buffer, buffer.count)
            guard count > 0 else { return found }
            var start = 0
            let headLength = MemoryLayout<inotify_event>.size
            while start + headLength <= count {
                let head = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: inotify_event.self) }
                let end = start + headLength + Int(head.len)
                let text = buffer[(start + headLength)..<min(end, count)].prefix { $0 != 0 }
                if head.mask & UInt32(IN_Q_OVERFLOW) != 0 || String(decoding: text, as: UTF8.self) == name {
                    found = true
                }
                if head.mask & UInt32(IN_IGNORED) != 0 { folder.ended(head.wd) }
                start = end
            }
        }
    }
}
