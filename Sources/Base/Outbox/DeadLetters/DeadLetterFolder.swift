import Glibc

/// The files of dead letters, which several processes use at a time: the base adds, and takes what is to be tried again;
/// a person's command lists, drops, and says what is to be tried again.
///
///     00000000000000000001.letters              up to 256 letters
///     00000000000000000001-4711-1.retry         what process 4711 wants to have tried again
///
/// A file appears with all its bytes or not at all, and is only ever replaced. Who replaces or removes one holds its lock
/// (flock), so no letter is lost when two do so at a time; who adds never waits for a lock but makes a new file. When a
/// process ends in the middle a letter may stand in two files: it is then delivered twice at most, with the same key.
/// Every call blocks for as long as the disk takes.
final class DeadLetterFolder {
    static let lettersInFile = 256
    /// How long a person's command waits for another process that is changing a file.
    static let lockLimit = Duration.seconds(2)

    private let files: FolderFiles
    private let maximumBytes: Int
    private var written = 0
    private var givenUp = 0
    /// How many letters files have, as long as they are the same files.
    private var counts: [String: (stamp: FileStamp, letters: Int)] = [:]

    /// - Parameter maximumBytes: Of all files; at it the oldest letters are given up.
    init(_ path: String, maximumBytes: Int) throws {
        self.maximumBytes = maximumBytes
        files = try FolderFiles(path, exclusive: false)
        try removeUnfinished()
    }

    /// What processes have left that do not exist any more: `NAME-PROCESS-NUMBER.tmp`.
    private func removeUnfinished() throws {
        for name in try files.names() where name.hasSuffix(".tmp") {
            guard let process = name.split(separator: "-").dropLast().last.flatMap({ pid_t($0) }) else { continue }
            if kill(process, 0) != 0, errno == ESRCH { try files.remove(name) }
        }
    }

    private enum Kind: String {
        case letters
        case retry
    }

    private func names(_ kind: Kind) throws -> [String] {
        // Where somebody has taken the folder away, there is another one from now on.
        try files.follow()
        return try files.names().filter { Self.isName($0, kind) }.sorted()
    }

    private static func isName(_ name: String, _ kind: Kind) -> Bool {
        name.hasSuffix("." + kind.rawValue) && name.utf8.first.map(isDigit) == true
    }

    /// What has the name of a file of letters and is none.
    func skipped() throws -> [FolderEntry] {
        try files.others().filter { Self.isName($0.name, .letters) || Self.isName($0.name, .retry) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Nothing when another process has just removed it.
    private func read(_ name: String) throws -> [DeadLetter] {
        do {
            return try DeadLetterFile.decode(
                files.read(name, at: 0, count: min(files.size(name), Self.lettersInFile * 4096)))
        } catch let failure as FileFailure where failure.code == ENOENT {
            return []
        } catch let error as DeadLetterFile.UnknownVersion {
            throw DeadLetterError.unknownVersion(file: name, version: error.version)
        }
    }

    /// - Parameter letters: None removes the file.
    private func replace(_ name: String, by letters: [DeadLetter]) throws {
        guard !letters.isEmpty else { return try files.remove(name) }
        written += 1
        let unfinished = "\(name)-\(getpid())-\(written).tmp"
        let file = try files.create(unfinished)
        defer { file.close() }
        do {
            try file.append(DeadLetterFile.encode(letters))
            try file.sync()
            try files.rename(unfinished, to: name)
        } catch {
            try? files.remove(unfinished)
            throw error
        }
    }

    /// Keeps letters; they are on the disk when this returns.
    ///
    /// - Returns: The letters that were given up for them, or that there is no room for.
    func add(_ letters: [DeadLetter]) throws -> [DeadLetter] {
        let files = try names(.letters)
        var rest = letters[...]
        if let newest = files.last, let lock = self.files.lock(newest, within: .zero) {
            let there = try read(newest)
            let room = max(0, Self.lettersInFile - there.count)
            if room > 0, !there.isEmpty {
                try replace(newest, by: there + rest.prefix(room))
                rest = rest.dropFirst(room)
            }
            withExtendedLifetime(lock) {}
        }
        // Nor has a new file the name of what is none.
        let taken = try (files.suffix(1) + skipped().map(\.name)).compactMap { UInt64($0.prefix(20)) }
        var number = taken.filter { $0 < 1 << 62 }.max() ?? 0
        while !rest.isEmpty {
            number += 1
            try replace(OutboxNames.digits(number) + ".letters", by: Array(rest.prefix(Self.lettersInFile)))
            rest = rest.dropFirst(Self.lettersInFile)
        }
        try self.files.syncFolder()
        return try giveUpOldest()
    }

    /// A file that another process is changing is left for the next time.
    private func giveUpOldest() throws -> [DeadLetter] {
        let names = try names(.letters)
        var bytes = 0
        for name in try names + self.names(.retry) { bytes += (try? files.size(name)) ?? 0 }
        var gone: [DeadLetter] = []
        for name in names where bytes > maximumBytes {
            guard let lock = files.lock(name, within: .zero) else { continue }
            bytes -= (try? files.size(name)) ?? 0
            gone += try read(name)
            try files.remove(name)
            withExtendedLifetime(lock) {}
        }
        givenUp += gone.count
        return gone
    }

    /// All letters, oldest file first, and which of them are to be tried again.
    func list() throws -> [(letter: DeadLetter, isRetried: Bool)] {
        let retried = try retries()
        let keys = Set(retried.map(\.record.key))
        var all = retried.map { ($0, true) }
        for name in try names(.letters) {
            all += try read(name).filter { !keys.contains($0.record.key) }.map { ($0, false) }
        }
        return all
    }

    /// How many letters there are; reads those files alone that have come since it was asked last.
    func tally() throws -> DeadLetterTally {
        var known: [String: (stamp: FileStamp, letters: Int)] = [:]
        for name in try names(.letters) + names(.retry) {
            guard let stamp = files.stamp(of: name) else { continue }
            let letters = if let same = counts[name], same.stamp == stamp { same.letters } else { try read(name).count }
            known[name] = (stamp, letters)
        }
        counts = known
        return DeadLetterTally(kept: known.values.reduce(0) { $0 + $1.letters }, givenUp: givenUp)
    }

    /// What is to be tried again, each once.
    func retries() throws -> [DeadLetter] {
        var seen: Set<OutboxKey> = []
        return try names(.retry).flatMap { try read($0) }.filter { seen.insert($0.record.key).inserted }
    }

    /// Removes letters.
    ///
    /// - Parameter keys: Nil for all.
    /// - Returns: Which were there.
    func drop(_ keys: Set<OutboxKey>?) throws -> Set<OutboxKey> {
        try take(keys, from: .letters) { _, _ in }.union(take(keys, from: .retry) { _, _ in })
    }

    /// Says that letters are to be tried again; the base finds them by ``retries()``.
    func retry(_ keys: Set<OutboxKey>?) throws -> Set<OutboxKey> {
        try take(keys, from: .letters) { name, letters in
            written += 1
            try replace("\(name.prefix(20))-\(getpid())-\(written).retry", by: letters)
            try files.syncFolder()
        }
    }

    /// What was tried again has come to an end.
    func finish(_ letters: Set<DeadLetter>) throws {
        _ = try take(where: letters.contains, from: .retry) { _, _ in }
    }

    private func take(
        _ keys: Set<OutboxKey>?, from kind: Kind, _ use: (String, [DeadLetter]) throws -> Void
    ) throws -> Set<OutboxKey> {
        try take(where: { keys?.contains($0.record.key) ?? true }, from: kind, use)
    }

    private func take(
        where isWanted: (DeadLetter) -> Bool, from kind: Kind, _ use: (String, [DeadLetter]) throws -> Void
    ) throws -> Set<OutboxKey> {
        var taken: Set<OutboxKey> = []
        var busy: String?
        for name in try names(kind) where try read(name).contains(where: isWanted) {
            guard let lock = files.lock(name, within: busy == nil ? Self.lockLimit : .zero) else {
                // It keeps nobody from the others.
                if try read(name).contains(where: isWanted) { busy = busy ?? name }
                continue
            }
            let letters = try read(name)
            let wanted = letters.filter(isWanted)
            if !wanted.isEmpty {
                try use(name, wanted)
                try replace(name, by: letters.filter { !isWanted($0) })
                taken.formUnion(wanted.map(\.record.key))
            }
            withExtendedLifetime(lock) {}
        }
        try files.syncFolder()
        if let busy { throw DeadLetterError.busy(file: busy) }
        return taken
    }
}
