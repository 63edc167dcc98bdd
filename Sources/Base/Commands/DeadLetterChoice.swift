import ArgumentParser
import UnitProtocol

/// Which dead letters are meant, by what they are.
struct DeadLetterFilter: ParsableArguments {
    @Option(help: "Those of one unit.", transform: { try IPv4Address($0) })
    var unit: IPv4Address?

    @Option(help: "Those that were answered with this status; 0: those that were never sent.")
    var status: UInt16?

    var isEmpty: Bool { unit == nil && status == nil }

    func includes(_ letter: DeadLetter) -> Bool {
        (unit == nil || unit == letter.record.unit) && (status == nil || status == letter.status)
    }
}

/// Which dead letters a change is for: by their keys, by what they are, or all. Nothing is changed unless that is said.
struct DeadLetterChoice: ParsableArguments {
    @Argument(help: "Their keys, as list shows them.")
    var keys: [DeadLetterKey] = []

    @Flag(help: "All.")
    var all = false

    @OptionGroup var filter: DeadLetterFilter

    func validate() throws {
        let ways = [!keys.isEmpty, all, !filter.isEmpty].count { $0 }
        guard ways == 1 else {
            throw ValidationError(
                ways == 0
                    ? "say which: keys as list shows them, --unit, --status, or --all"
                    : "keys, --all, and --unit or --status exclude one another")
        }
    }

    /// Changes those that are meant, in the folder of `options`.
    ///
    /// - Returns: How many there were, in words.
    /// - Throws: ``DeadLetterChoiceError``, and what the change throws.
    func perform(
        _ options: DeadLetterFolderOptions, _ change: (DeadLetters, Set<OutboxKey>) async throws -> Set<OutboxKey>
    ) async throws -> String {
        let letters = try options.open()
        let chosen = try chosen(from: try await letters?.list().map(\.letter) ?? [])
        var changed: Set<OutboxKey> = []
        if let letters, !chosen.isEmpty { changed = try await change(letters, chosen) }
        return "\(changed.count) dead \(changed.count == 1 ? "letter" : "letters")"
    }

    private func chosen(from found: [DeadLetter]) throws -> Set<OutboxKey> {
        guard !keys.isEmpty else { return Set(found.filter(filter.includes).map(\.record.key)) }
        var chosen: Set<OutboxKey> = []
        for key in keys {
            let meant = Set(found.map(\.record.key).filter(key.names))
            guard let one = meant.first else { throw DeadLetterChoiceError.unknown(key) }
            guard meant.count == 1 else { throw DeadLetterChoiceError.ambiguous(key) }
            chosen.insert(one)
        }
        return chosen
    }
}

/// A key as a person writes it: the beginning of the run, at least four digits of it, a hyphen, and the whole sequence.
struct DeadLetterKey: ExpressibleByArgument, CustomStringConvertible {
    /// As many digits of the run as ``DeadLetterTable`` shows.
    static let shownDigits = 8
    private static let fewestDigits = 4

    let description: String
    private let run: Substring
    private let sequence: UInt64

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, (Self.fewestDigits...32).contains(parts[0].utf8.count),
            parts[0].allSatisfy(\.isHexDigit), let sequence = UInt64(parts[1])
        else { return nil }
        description = argument
        run = parts[0]
        self.sequence = sequence
    }

    func names(_ key: OutboxKey) -> Bool {
        key.sequence == sequence && key.run.description.hasPrefix(run.lowercased())
    }

    static func short(_ key: OutboxKey) -> String {
        "\(key.run.description.prefix(shownDigits))-\(key.sequence)"
    }
}

enum DeadLetterChoiceError: Error, CustomStringConvertible {
    case unknown(DeadLetterKey)
    case ambiguous(DeadLetterKey)

    var description: String {
        switch self {
        case .unknown(let key): "there is no dead letter \(key); nothing was changed; list shows those that are there"
        case .ambiguous(let key):
            "\(key) is the beginning of several keys; nothing was changed; list --json shows them whole"
        }
    }
}
