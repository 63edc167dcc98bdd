import Foundation
import Glibc

/// Where the parts of one attempt keep what they have, tokens among it: for this user alone, and gone afterwards.
///
/// The kernel's lock (flock) on the folder says that its run is still there. What a run that was killed has left is found without one,
/// and removed by the next.
struct StateFolder {
    private static let prefix = "iot-hil-"
    /// How often a folder that a neighbour took for a forgotten one is made anew.
    private static let tries = 10

    let url: URL
    private let descriptor: Int32

    /// - Throws: ``HILError/infrastructure(_:)``.
    init(in parent: URL = FileManager.default.temporaryDirectory) throws(HILError) {
        for _ in 0..<Self.tries {
            let url = parent.appending(path: Self.prefix + UUID().uuidString)
            guard mkdir(url.path, 0o700) == 0 else {
                throw .infrastructure("the folder \(url.path) cannot be made: \(String(cString: strerror(errno)))")
            }
            guard let descriptor = Self.lock(url.path) else { continue }
            self.url = url
            self.descriptor = descriptor
            return
        }
        throw .infrastructure("folders in \(parent.path) vanish as soon as they are made")
    }

    /// Ends it; once.
    func remove() {
        try? FileManager.default.removeItem(at: url)
        close(descriptor)
    }

    /// Removes what runs of this user have left that did not come to their end.
    static func removeForgotten(in parent: URL = FileManager.default.temporaryDirectory) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) && UUID(uuidString: String(name.dropFirst(prefix.count))) != nil
        {
            let folder = parent.appending(path: name)
            var status = stat()
            guard lstat(folder.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
                let descriptor = lock(folder.path)
            else { continue }
            try? FileManager.default.removeItem(at: folder)
            close(descriptor)
        }
    }

    /// Nil where another holds it, or where it has gone.
    private static func lock(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var (mine, named) = (stat(), stat())
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &mine) == 0, lstat(path, &named) == 0,
            mine.st_ino == named.st_ino, mine.st_dev == named.st_dev
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
