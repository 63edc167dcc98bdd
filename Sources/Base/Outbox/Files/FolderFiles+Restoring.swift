import Glibc

/// Somebody may take away the folder or its files, or put others in their place, while they are used.
extension FolderFiles {
    /// How many bytes are copied at once.
    private static let pieceBytes = 1024 * 1024

    private var isInPlace: Bool { FileIdentity(folder).map { $0 == FileIdentity(path: path) } ?? false }

    func check(_ open: (any AppendedFile)?) throws(FileFailure) {
        guard isInPlace else {
            throw FileFailure(operation: "find the folder that was opened as", path: path, code: ENOENT)
        }
        if let lock, !lock.isInPlace(in: folder) {
            throw FileFailure(operation: "find", path: path + "/lock", code: ENOENT)
        }
        if let file = open as? FolderFile {
            let identity = FileIdentity(file.descriptor)
            guard identity != nil, identity == FileIdentity(file.name, in: folder) else {
                throw FileFailure(operation: "find", path: path + "/" + file.name, code: ENOENT)
            }
        }
    }

    /// Uses the folder that has the path now, made where there is none; what stands in the one before is left there.
    func follow() throws(FileFailure) {
        guard !isInPlace else { return }
        try reopen()
        closeFormer()
    }

    func restore(_ wanted: [WantedFile]) throws(FileFailure) -> RestoredFiles {
        if !isInPlace { try reopen() }
        if let lock, !lock.isInPlace(in: folder) {
            try asFileFailure { try lock.renew(in: folder) }
        }
        var result = RestoredFiles()
        for file in wanted { try restore(file, &result) }
        try syncFolder()
        forgetReaders()
        closeFormer()
        return result
    }

    private func reopen() throws(FileFailure) {
        let (new, newLock) = try asFileFailure {
            let new = try Self.open(path)
            do {
                return (new, lock == nil ? nil : try FolderLock(path, folder: new))
            } catch {
                Glibc.close(new)
                throw error
            }
        }
        // Where the folder goes a second time before all is put back, the first one still has the files.
        if former < 0 { former = folder } else { Glibc.close(folder) }
        (folder, lock) = (new, newLock)
    }

    private func closeFormer() {
        if former >= 0 { Glibc.close(former) }
        former = -1
    }

    private func asFileFailure<Value>(_ body: () throws -> Value) throws(FileFailure) -> Value {
        do {
            return try body()
        } catch let failure as FileFailure {
            throw failure
        } catch {
            throw FileFailure(operation: "use", path: path, code: EACCES, reason: "\(error)")
        }
    }

    private func restore(_ file: WantedFile, _ result: inout RestoredFiles) throws(FileFailure) {
        let isThere = (try? size(file.name)).map { $0 >= file.count } ?? false
        let named = FileIdentity(file.name, in: folder)
        let (source, isOurs) = source(of: file)
        defer { if isOurs { Glibc.close(source) } }
        if isThere, source < 0 || FileIdentity(source) == named { return }
        guard source >= 0, try copy(source, to: file) else {
            result.lost.insert(file.name)
            return
        }
        result.copied.insert(file.name)
    }

    /// Negative where there is none; and whether it was opened for this.
    private func source(of file: WantedFile) -> (descriptor: Int32, isOurs: Bool) {
        if let open = file.open as? FolderFile, open.descriptor >= 0 { return (open.descriptor, false) }
        if let reader = readers.first(where: { $0.name == file.name }) { return (reader.descriptor, false) }
        guard former >= 0 else { return (-1, false) }
        let descriptor = openat(former, file.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        return (descriptor, descriptor >= 0)
    }

    /// - Returns: Whether all of it could be read.
    private func copy(_ source: Int32, to file: WantedFile) throws(FileFailure) -> Bool {
        let first = OutboxNames.read(file.name)?.first ?? 0
        let unfinished = OutboxNames.name(first, .unfinished)
        let copy = try opened(unfinished, O_CREAT | O_TRUNC | O_APPEND, to: "make")
        defer { copy.close() }
        do {
            var place = 0
            while place < file.count {
                var piece = [UInt8](repeating: 0, count: min(Self.pieceBytes, file.count - place))
                let count = pread(source, &piece, piece.count, off_t(place))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    try remove(unfinished)
                    return false
                }
                try copy.append(Array(piece.prefix(count)))
                place += count
            }
            try copy.sync()
            try rename(unfinished, to: file.name)
            return true
        } catch {
            try? remove(unfinished)
            throw error
        }
    }
}
