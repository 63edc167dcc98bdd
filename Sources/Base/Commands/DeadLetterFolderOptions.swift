import ArgumentParser
import Foundation
import Glibc
import TerminalText

/// Where the dead letters are.
struct DeadLetterFolderOptions: ParsableArguments {
    @OptionGroup var file: ConfigurationOption

    @Option(
        help: ArgumentHelp(
            "The folder of the outbox, instead of the configuration's outbox.directory.", valueName: "folder"),
        completion: .directory)
    var outbox: String?

    /// Nil where no base has ever kept one there.
    ///
    /// Root works as the folder's owner, so that the base, a user of its own as a rule, can still use what is written.
    ///
    /// - Throws: ``DeadLetterError``, and what is wrong with the configuration.
    func open() throws -> DeadLetters? {
        let configuration = outbox == nil ? try file.read(mayLackSecrets: true).outbox : nil
        let place = outbox ?? configuration?.place ?? ""
        let folder = "\(place)/dead-letters"
        var status = stat()
        guard stat(folder, &status) == 0 else {
            let code = errno
            guard code == ENOENT || code == ENOTDIR else { throw DeadLetterFolderError.unreadable(folder, code) }
            // The outbox is always there where a base has run.
            guard access("\(place)/outbox", F_OK) == 0 else { throw DeadLetterFolderError.noOutbox(place) }
            return nil
        }
        if geteuid() == 0, status.st_uid != 0 {
            guard setegid(status.st_gid) == 0, seteuid(status.st_uid) == 0 else {
                throw DeadLetterFolderError.cannotBecome(status.st_uid, folder: folder)
            }
        }
        let letters = try DeadLetters(
            folder: folder, maximumBytes: configuration?.deadLetterBytes ?? OutboxConfiguration().deadLetterBytes)
        for entry in letters.skipped {
            let words = "warning: \("\(entry)".printable), and is left alone; move it away\n"
            try? FileHandle.standardError.write(contentsOf: Data(words.utf8))
        }
        return letters
    }
}

enum DeadLetterFolderError: Error, CustomStringConvertible {
    case noOutbox(String)
    case unreadable(String, Int32)
    case cannotBecome(UInt32, folder: String)

    var description: String {
        switch self {
        case .noOutbox(let place):
            "there is no outbox in \(place); name the base's own configuration with --config, or with --outbox the folder that it has as outbox.directory: the one with the folder outbox in it"
        case .unreadable(let folder, let code): "cannot look at \(folder): \(String(cString: strerror(code)))"
        case .cannotBecome(let user, let folder): "cannot work as user \(user), to whom \(folder) belongs"
        }
    }
}
