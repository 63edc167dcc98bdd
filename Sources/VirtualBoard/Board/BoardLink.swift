import Foundation

/// The symbolic link that gives a terminal a stable name.
enum BoardLink {
    /// Takes the link away, if it is still the one to `path`.
    static func remove(_ link: String, to path: String) {
        guard (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == path else { return }
        try? FileManager.default.removeItem(atPath: link)
    }

    /// Only a link is replaced: a file of that name is somebody's.
    ///
    /// - Throws: ``BoardError/link(path:reason:)``.
    static func replace(_ link: String, with path: String) throws {
        let manager = FileManager.default
        if (try? manager.destinationOfSymbolicLink(atPath: link)) != nil {
            try? manager.removeItem(atPath: link)
        }
        do {
            try manager.createSymbolicLink(atPath: link, withDestinationPath: path)
        } catch {
            throw BoardError.link(path: link, reason: error.localizedDescription)
        }
    }
}
