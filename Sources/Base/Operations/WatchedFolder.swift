import Glibc

/// The folder under a path, whichever it is at a time, and what inotify(7) calls its watch.
struct WatchedFolder {
    let path: String
    /// The descriptor of inotify.
    let watch: Int32
    let events: UInt32
    private var current: (identity: FileIdentity, number: Int32)?

    init(path: String, watch: Int32, events: UInt32) {
        self.path = path
        self.watch = watch
        self.events = events
    }

    /// The kernel has ended a watch, as it does when its folder is removed: another one may get the same inode.
    mutating func ended(_ number: Int32) {
        if current?.number == number { current = nil }
    }

    /// Watches the folder that has the path now.
    ///
    /// - Returns: Whether it is another one than before, or there is none any more.
    mutating func look() -> Bool {
        let identity = FileIdentity(path: path)
        guard identity != current?.identity else { return false }
        let before = current
        current = nil
        if let identity {
            let number = inotify_add_watch(watch, path, events)
            // One that cannot be watched is tried again with the next look.
            if number >= 0 { current = (identity, number) }
        }
        if let before, before.number != current?.number { inotify_rm_watch(watch, before.number) }
        return before != nil || current != nil
    }
}
