import Glibc

/// Which file or folder it is, whatever its names are.
struct FileIdentity: Equatable {
    private var device: dev_t
    private var inode: ino_t

    /// Of what is open; nil where it has no name any more.
    init?(_ descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else { return nil }
        self.init(status)
    }

    /// Of what has a name in a folder; nil where there is none. A link is not followed.
    init?(_ name: String, in folder: Int32) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(status)
    }

    /// Of what has a path; nil where there is none.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        device = status.st_dev
        inode = status.st_ino
    }
}
