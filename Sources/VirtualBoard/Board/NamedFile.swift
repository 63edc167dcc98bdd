import Foundation
import Glibc

/// Which file a name leads to: two names of one file are equal, be it by a link of any kind.
struct NamedFile: Equatable {
    private let path: String
    private let device: dev_t?
    private let number: ino_t?
    /// What is no file, such as /dev/null, may be written to by many.
    private let isFile: Bool

    init(_ name: String) {
        path = URL(filePath: name).standardizedFileURL.resolvingSymlinksInPath().path
        var status = stat()
        let exists = stat(name, &status) == 0
        isFile = !exists || status.st_mode & S_IFMT == S_IFREG
        (device, number) = exists ? (status.st_dev, status.st_ino) : (nil, nil)
    }

    static func == (one: NamedFile, other: NamedFile) -> Bool {
        guard one.isFile, other.isFile else { return false }
        guard let number = one.number else { return one.path == other.path }
        return number == other.number && one.device == other.device
    }
}
