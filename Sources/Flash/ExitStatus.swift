import ArgumentParser

/// What the commands' exit codes mean; `iot flash --help` lists them.
enum ExitStatus: Int32 {
    case failed = 1
    /// No port, or it cannot be used.
    case noPort = 2
    /// No loader answers, or it is another chip's.
    case noBoard = 3
    /// The flash is not as the file says, or two files differ.
    case differs = 4
    /// The flash is partly written or erased.
    case partlyWritten = 5
    /// A file that is missing or must not be written, or a place that the flash does not have.
    case refusedInput = 6
    /// All is written, but it was not read back to the end.
    case notVerified = 7
    /// The work is done, but the board was not restarted.
    case notStarted = 8
    case usage = 64
    case interrupted = 130

    init(_ error: FlashError) {
        switch error {
        case .port, .noPort, .severalPorts: self = .noPort
        case .noAnswer, .otherChip, .noFlash, .unknownSize: self = .noBoard
        case .differs, .smallerFlash, .statusNotKept: self = .differs
        case .notVerified: self = .notVerified
        case .notStarted: self = .notStarted
        case .unchanged(let error): self = ExitStatus(error)
        case .partlyWritten: self = .partlyWritten
        case .inputFile, .doesNotFit, .wrongImage, .largerThanFlash, .samePlace, .overlap: self = .refusedInput
        case .usage: self = .usage
        case .interrupted: self = .interrupted
        case .refused, .unanswered, .busyFlash, .protected, .outputFile: self = .failed
        }
    }

    var code: ExitCode { ExitCode(rawValue) }

    /// What ends commands that only work on files.
    static let fileTable = """
        0 done · 1 failed · 4 two files differ · 6 a file that is missing, is broken or does not go with the others · \
        64 wrong usage
        """

    static let table = """
        0 done · 1 failed · 2 no port, or it cannot be used · 3 no loader answers, or another chip's · 4 flash and file, \
        or two files, differ · 5 the flash is partly written or erased · 6 a file that is missing or must \
        not be written, or a place beyond the flash's end · 7 written, \
        but not verified · 8 done, but the board was not restarted · 64 wrong usage · 130 interrupted
        """
}
