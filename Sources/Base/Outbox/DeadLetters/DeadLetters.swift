import Dispatch

/// Measurements that the dashboard has refused for good, kept for a person to look at, in files of one folder.
///
/// The base and a person's command may use the folder at the same time, also on a base that does not run. Files are
/// touched on a queue of this object, one after the other, so that no event loop waits for a disk.
public final class DeadLetters: Sendable {
    private final class Box: @unchecked Sendable {
        /// Touched on the queue alone.
        let folder: DeadLetterFolder

        init(_ folder: DeadLetterFolder) {
            self.folder = folder
        }
    }

    private let queue = DispatchQueue(label: "dead-letters")
    private let box: Box
    /// What had the name of a file of letters when this was opened, and is none: it is left alone.
    let skipped: [FolderEntry]

    /// - Parameter maximumBytes: Of all files; at it the oldest letters are given up, up to 256 at a time.
    /// - Throws: ``DeadLetterError``.
    public init(folder: String, maximumBytes: Int = 16 * 1024 * 1024) throws {
        do {
            let folder = try DeadLetterFolder(folder, maximumBytes: maximumBytes)
            skipped = try folder.skipped()
            box = Box(folder)
        } catch {
            throw DeadLetterError.folder("\(error)")
        }
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (DeadLetterFolder) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [box] in
                continuation.resume(
                    with: Result { () throws -> Value in
                        do {
                            return try body(box.folder)
                        } catch let failure as FileFailure {
                            throw DeadLetterError.folder("\(failure)")
                        }
                    })
            }
        }
    }

    /// Keeps letters. They are on the disk when this returns, and can then be acknowledged in the outbox.
    ///
    /// - Returns: The letters that were given up, because there was no room for all.
    /// - Throws: ``DeadLetterError``.
    public func add(_ letters: [DeadLetter]) async throws -> [DeadLetter] {
        try await perform { try $0.add(letters) }
    }

    /// All letters, oldest first, and which of them are to be tried again.
    public func list() async throws -> [(letter: DeadLetter, isRetried: Bool)] {
        try await perform { Listing(rows: try $0.list()) }.rows
    }

    /// - Throws: ``DeadLetterError``.
    func tally() async throws -> DeadLetterTally {
        try await perform { try $0.tally() }
    }

    private struct Listing: Sendable {
        var rows: [(letter: DeadLetter, isRetried: Bool)]
    }

    /// Removes letters: those with these keys, or all.
    ///
    /// - Returns: Which were there.
    public func drop(_ keys: Set<OutboxKey>?) async throws -> Set<OutboxKey> {
        try await perform { try $0.drop(keys) }
    }

    /// Says that these, or all, are to be tried again. The base that uses the folder finds them by ``retries()``.
    ///
    /// - Returns: Which were there.
    public func retry(_ keys: Set<OutboxKey>?) async throws -> Set<OutboxKey> {
        try await perform { try $0.retry(keys) }
    }

    /// The letters that somebody wants to have tried again; for the base, to be asked every few seconds.
    ///
    /// They stay on the disk until ``finishRetries(_:)``; after a crash they are found again.
    public func retries() async throws -> [DeadLetter] {
        try await perform { try $0.retries() }
    }

    /// These were delivered, or were added again with a later refusal. One that somebody has said since is to be tried again
    /// stays, since its refusal is another one.
    public func finishRetries(_ letters: Set<DeadLetter>) async throws {
        try await perform { try $0.finish(letters) }
    }
}
