import Glibc

/// What a file is known by as long as nobody has written it or put another one in its place.
struct FileStamp: Equatable {
    private var identity: FileIdentity
    private var size: off_t
    /// Nanoseconds since 1970.
    private var changedAt: Int64

    /// Nil where there is none of that name. A link is not followed.
    init?(_ name: String, in folder: Int32) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        identity = FileIdentity(status)
        size = status.st_size
        changedAt = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }
}
