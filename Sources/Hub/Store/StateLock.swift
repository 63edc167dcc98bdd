import Foundation

/// Holds a state directory for one process. The kernel lets go of it when the process ends, however it ends.
final class StateLock: Sendable {
    private let descriptor: CInt

    /// - Throws: ``HubError/stateInUse(path:holder:)`` when another process holds `file`.
    init(file: URL, directory: String) throws {
        let descriptor = open(file.path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HubError.stateDirectory(path: directory, reason: systemError())
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw HubError.stateDirectory(path: directory, reason: String(cString: strerror(reason)))
            }
            throw HubError.stateInUse(path: directory, holder: Self.holder(of: file))
        }
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func holder(of file: URL) -> String? {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        let number = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return Int32(number) == nil ? nil : number
    }
}
