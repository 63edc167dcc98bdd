import Glibc

/// A file of ``FolderFiles`` that is open.
final class FolderFile: AppendedFile {
    private let path: String
    private(set) var descriptor: Int32

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    func append(_ bytes: [UInt8]) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw FileFailure(operation: "write", path: path, code: count == 0 ? ENOSPC : errno)
            }
            written += count
        }
    }

    func sync() throws(FileFailure) {
        guard fdatasync(descriptor) == 0 else { throw FileFailure(operation: "sync", path: path, code: errno) }
    }

    func truncate(to count: Int) throws(FileFailure) {
        guard ftruncate(descriptor, off_t(count)) == 0 else {
            throw FileFailure(operation: "shorten", path: path, code: errno)
        }
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    deinit { close() }
}
