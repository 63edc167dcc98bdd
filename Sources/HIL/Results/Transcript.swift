import Foundation

/// What one source said, as a file: each line with its time in seconds since the run's start.
///
/// Not safe for threads: the journal's lock holds it. A file that cannot be written, because the disk is full, ends there, and says why:
/// no transcript is worth the run.
final class Transcript {
    let name: String
    /// Why it is not complete; nil where it is.
    private(set) var problem: String?
    private let file: FileHandle?

    /// - Parameter others: Names that are taken.
    init(of source: EventSource, in folder: URL, besides others: Set<String>) {
        let plain = "\(source.kind.rawValue)-\(Self.plain(source.name))"
        var name = plain + ".log"
        var number = 2
        while others.contains(name) {
            name = "\(plain)-\(number).log"
            number += 1
        }
        self.name = name
        let descriptor = open(
            folder.appending(path: name).path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
        problem = descriptor >= 0 ? nil : "\(name): \(String(cString: strerror(errno)))"
        file = descriptor >= 0 ? FileHandle(fileDescriptor: descriptor, closeOnDealloc: true) : nil
    }

    func write(_ entry: JournalEntry) {
        let mark =
            switch entry.weight {
            case .line: " "
            case .step: ">"
            case .note: "-"
            case .warning: "?"
            case .failure: "!"
            }
        put("\(entry.time.stamp) \(mark) \(entry.text)\n")
    }

    func close(leftOut: Int) {
        if leftOut > 0 { put("# the journal was full: \(leftOut) lines of all parts were left out\n") }
        noting { try file?.close() }
    }

    private func put(_ line: String) {
        // What comes after a gap would look as if there were none.
        guard problem == nil else { return }
        noting { try file?.write(contentsOf: Data(line.utf8)) }
    }

    private func noting(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            problem = problem ?? "\(name): \(error.localizedDescription)"
        }
    }

    /// A name may say anything; a file's is letters, digits, dashes and underscores.
    private static func plain(_ name: String) -> String {
        let plain = name.unicodeScalars.prefix(64).map { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": Character(scalar)
            default: Character("_")
            }
        }
        return plain.isEmpty ? "_" : String(plain)
    }
}
