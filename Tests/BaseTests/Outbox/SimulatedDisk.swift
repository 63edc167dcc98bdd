import Glibc
import Synchronization
import Testing

@testable import Base

/// A folder in memory that knows what a power cut leaves: names and bytes that were synced.
final class SimulatedDisk: OutboxFiles {
    final class File {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
    }

    private(set) var files: [String: File] = [:]
    private var durableNames: [String: File] = [:]
    /// Calls so far.
    private(set) var calls = 0
    /// From this call on everything fails, as if the process were dead.
    var deadFrom = Int.max
    /// The most bytes of all files; what would be more fails with `ENOSPC`, after a part of it was written.
    var capacity = Int.max
    /// How many of the next syncs fail with `EIO`.
    var failingSyncs = 0
    /// How many of the next cuts of a file that is appended to fail with `EIO`.
    var failingTruncates = 0
    /// Whether a removal outlives a power cut that comes before the next sync of the folder; a new name never does.
    var removesAtOnce = false
    /// Somebody has taken the lock away; until it is put back.
    var lacksLock = false
    /// Told what is appended to files that do not stay open: acknowledgements.
    var appended: (@Sendable ([UInt8]) -> Void)?
    /// This file's content cannot be read, after its first bytes.
    var unreadable: String?
    /// Of it, what stands there alone; nil: all.
    var unreadableOffset: Int?

    /// What the next process finds.
    ///
    /// - Parameter power: Whether the power was cut; else the process alone has ended.
    func afterCrash(power: Bool) -> SimulatedDisk {
        let next = SimulatedDisk()
        for (name, file) in power ? durableNames : files {
            let copy = File()
            copy.bytes = power ? file.durable : file.bytes
            copy.durable = copy.bytes
            next.files[name] = copy
        }
        next.durableNames = next.files
        return next
    }

    var bytes: Int { files.values.reduce(0) { $0 + $1.bytes.count } }

    fileprivate func call(_ operation: String, _ name: String) throws(FileFailure) {
        calls += 1
        if calls > deadFrom { throw FileFailure(operation: operation, path: name, code: EIO) }
    }

    private func file(_ operation: String, _ name: String) throws(FileFailure) -> File {
        try call(operation, name)
        guard let file = files[name] else { throw FileFailure(operation: operation, path: name, code: ENOENT) }
        return file
    }

    func put(_ bytes: [UInt8], at name: String) {
        let file = File()
        file.bytes = bytes
        file.durable = bytes
        files[name] = file
        durableNames[name] = file
    }

    func names() throws(FileFailure) -> [String] {
        try call("list", "")
        return files.keys.sorted()
    }

    func others() throws(FileFailure) -> [FolderEntry] { [] }

    func create(_ name: String) throws(FileFailure) -> any AppendedFile {
        try call("make", name)
        let file = files[name] ?? File()
        file.bytes = []
        files[name] = file
        return OpenFile(disk: self, file: file, name: name)
    }

    func read(_ name: String, at offset: Int, count: Int) throws(FileFailure) -> [UInt8] {
        let file = try file("read", name)
        if name == unreadable, count > SegmentHeader.count, unreadableOffset ?? offset == offset {
            throw FileFailure(operation: "read", path: name, code: EIO)
        }
        return Array(file.bytes.dropFirst(offset).prefix(count))
    }

    func size(_ name: String) throws(FileFailure) -> Int { try file("look at", name).bytes.count }

    func append(_ bytes: [UInt8], to name: String, unit: Int) throws(FileFailure) -> Int {
        let file = files[name] ?? File()
        try call("open", name)
        files[name] = file
        file.bytes.removeLast(file.bytes.count % unit)
        try OpenFile(disk: self, file: file, name: name).append(bytes)
        appended?(bytes)
        return file.bytes.count
    }

    func truncate(_ name: String, to count: Int) throws(FileFailure) {
        let file = try file("shorten", name)
        file.bytes.removeLast(file.bytes.count - count)
        file.durable = file.bytes
    }

    func rename(_ name: String, to newName: String) throws(FileFailure) {
        files[newName] = try file("rename", name)
        files[name] = nil
    }

    func remove(_ name: String) throws(FileFailure) {
        try call("remove", name)
        files[name] = nil
        if removesAtOnce { durableNames[name] = nil }
    }

    func syncFolder() throws(FileFailure) {
        try call("sync", "")
        durableNames = files
    }

    func check(_ open: (any AppendedFile)?) throws(FileFailure) {
        if lacksLock { throw FileFailure(operation: "find", path: "lock", code: ENOENT) }
    }

    func restore(_ wanted: [WantedFile]) throws(FileFailure) -> RestoredFiles {
        try call("restore", "lock")
        lacksLock = false
        return RestoredFiles()
    }

    func close() {}

    private final class OpenFile: AppendedFile {
        let disk: SimulatedDisk
        let file: File
        let name: String

        init(disk: SimulatedDisk, file: File, name: String) {
            self.disk = disk
            self.file = file
            self.name = name
        }

        func append(_ bytes: [UInt8]) throws(FileFailure) {
            do {
                try disk.call("write", name)
            } catch {
                // The process has died in the middle of the call.
                if disk.calls == disk.deadFrom + 1 { file.bytes += bytes.prefix(bytes.count / 2) }
                throw error
            }
            let room = max(0, disk.capacity - disk.bytes)
            file.bytes += bytes.prefix(room)
            guard bytes.count <= room else { throw FileFailure(operation: "write", path: name, code: ENOSPC) }
        }

        func sync() throws(FileFailure) {
            try disk.call("sync", name)
            if disk.failingSyncs > 0 {
                disk.failingSyncs -= 1
                throw FileFailure(operation: "sync", path: name, code: EIO)
            }
            file.durable = file.bytes
        }

        func truncate(to count: Int) throws(FileFailure) {
            try disk.call("shorten", name)
            if disk.failingTruncates > 0 {
                disk.failingTruncates -= 1
                throw FileFailure(operation: "shorten", path: name, code: EIO)
            }
            file.bytes.removeLast(file.bytes.count - count)
        }

        func close() {}
    }
}
