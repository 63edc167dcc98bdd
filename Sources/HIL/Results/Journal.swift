import Foundation
import Synchronization
import TerminalText

/// What happened during one attempt at a case, on the run's clock, in the order in which it was heard of.
///
/// Takes entries from any thread. What goes beyond its ``JournalLimit`` is counted and left out: of the entries, of the
/// transcripts and of what the follower is told.
final class Journal: Sendable {
    private struct State {
        var entries: [JournalEntry] = []
        var bytes = 0
        var leftOut = 0
        var transcripts: [EventSource: Transcript] = [:]
        var isClosed = false
    }

    private let origin: ContinuousClock.Instant
    private let folder: URL?
    private let limit: JournalLimit
    private let follower: @Sendable (JournalEntry) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - origin: When the run began.
    ///   - folder: Where the transcripts go, one file for each source; it must exist. Nil: none are written.
    ///   - follower: Is told each entry that is kept, in order, while the journal is locked: it must not call the journal.
    init(
        origin: ContinuousClock.Instant, folder: URL?, limit: JournalLimit = JournalLimit(),
        follower: @escaping @Sendable (JournalEntry) -> Void = { _ in }
    ) {
        self.origin = origin
        self.folder = folder
        self.limit = limit
        self.follower = follower
    }

    /// - Parameter text: What was said; a line feed ends a line, and each line becomes an entry.
    func append(_ source: EventSource, _ weight: JournalEntry.Weight, _ text: String) {
        let lines = Self.lines(of: text, atMost: limit.lineBytes)
        state.withLock { state in
            guard !state.isClosed else { return }
            // Taken under the lock, so that no entry is older than the one before it.
            let time = ContinuousClock.now - origin
            for line in lines {
                append(JournalEntry(time: time, source: source, weight: weight, text: line), to: &state)
            }
        }
    }

    func entries() -> [JournalEntry] { state.withLock(\.entries) }

    /// How many entries there was no room for.
    func leftOut() -> Int { state.withLock(\.leftOut) }

    /// The transcripts' names in the folder.
    func transcripts() -> [String] { state.withLock { $0.transcripts.values.map(\.name).sorted() } }

    /// Why a transcript is not complete; nil where all are.
    func transcriptProblem() -> String? {
        state.withLock { $0.transcripts.values.compactMap(\.problem).min() }
    }

    /// Ends the transcripts; what comes later is not taken.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            for transcript in state.transcripts.values { transcript.close(leftOut: state.leftOut) }
        }
    }

    private func append(_ entry: JournalEntry, to state: inout State) {
        let size = entry.text.utf8.count
        guard state.entries.count < limit.entries, state.bytes + size <= limit.bytes else {
            state.leftOut += 1
            return
        }
        state.bytes += size
        state.entries.append(entry)
        if let folder {
            let transcript =
                state.transcripts[entry.source]
                ?? Transcript(of: entry.source, in: folder, besides: Set(state.transcripts.values.map(\.name)))
            state.transcripts[entry.source] = transcript
            transcript.write(entry)
        }
        follower(entry)
    }

    private static func lines(of text: String, atMost limit: Int) -> [String] {
        var lines = text.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "\n" }
        if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { line in
            var line = line
            if line.last == "\r" { line.removeLast() }
            // A tab would only show, but how far it goes depends on who shows it.
            let shown = String(String.UnicodeScalarView(line.map { $0 == "\t" ? " " : $0 })).printable
            guard shown.utf8.count > limit else { return shown }
            return String(decoding: shown.utf8.prefix(limit), as: UTF8.self) + "…"
        }
    }
}
