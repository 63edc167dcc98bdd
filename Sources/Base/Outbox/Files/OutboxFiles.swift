import Glibc

/// The files of one folder, by their names: what the outbox asks of an operating system. Tests put failures in between.
protocol OutboxFiles: AnyObject {
    /// The names of all regular files in the folder.
    func names() throws(FileFailure) -> [String]
    /// What else stands there: links, folders, pipes. Nothing ever opens one.
    func others() throws(FileFailure) -> [FolderEntry]
    /// Makes the file, empty also when it existed, and opens it for appending.
    func create(_ name: String) throws(FileFailure) -> any AppendedFile
    /// Up to `count` bytes; fewer where the file ends.
    func read(_ name: String, at offset: Int, count: Int) throws(FileFailure) -> [UInt8]
    func size(_ name: String) throws(FileFailure) -> Int
    /// Appends to the file, which is made when it is missing, after cutting it to a multiple of `unit` bytes; without `sync`.
    /// - Returns: How long it is then.
    func append(_ bytes: [UInt8], to name: String, unit: Int) throws(FileFailure) -> Int
    /// Cuts the file off, and waits until that is on the disk.
    func truncate(_ name: String, to count: Int) throws(FileFailure)
    /// Replaces what has the new name.
    func rename(_ name: String, to newName: String) throws(FileFailure)
    func remove(_ name: String) throws(FileFailure)
    /// Waits until names that were made, renamed and removed are so on the disk.
    func syncFolder() throws(FileFailure)
    /// Looks whether the folder is still the one that has its path, and whether the lock and a file that is open are still in it.
    /// - Throws: What is not there any more.
    func check(_ open: (any AppendedFile)?) throws(FileFailure)
    /// After ``check(_:)`` has failed: makes the folder that has the path now the one that is used, makes it where there is
    /// none, and puts files back into it of which something is still open, or that stand in the folder that was used before.
    /// - Throws: Why not; it may be tried again.
    func restore(_ wanted: [WantedFile]) throws(FileFailure) -> RestoredFiles
    /// Lets go of the folder: another process may have it. Nothing is called after that.
    func close()
}

/// A file that must be in the folder.
struct WantedFile {
    var name: String
    /// How many bytes of it count.
    var count: Int
    var open: (any AppendedFile)?
}

/// What has become of files that were wanted; all others were there.
struct RestoredFiles: Equatable {
    /// They are on the disk again.
    var copied: Set<String> = []
    /// Nothing is left of them.
    var lost: Set<String> = []
}

/// What stands in a folder and is no regular file.
struct FolderEntry: Equatable, Sendable, CustomStringConvertible {
    var path: String
    /// Such as `a directory`.
    var kind: String

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var description: String { "\(path) is \(kind)" }
}

/// A file that is open for appending. What was not synced may be lost when the power goes, not when the process is killed.
protocol AppendedFile: AnyObject {
    /// Appends all, or throws after a part of it.
    func append(_ bytes: [UInt8]) throws(FileFailure)
    /// Waits until everything is on the disk.
    func sync() throws(FileFailure)
    func truncate(to count: Int) throws(FileFailure)
    func close()
}

/// A call to the operating system that failed.
struct FileFailure: Error, Equatable, CustomStringConvertible {
    var operation: String
    var path: String
    var code: Int32
    /// What says more than the code.
    var reason: String?

    var description: String { "cannot \(operation) \(path): \(reason ?? String(cString: strerror(code)))" }
}
