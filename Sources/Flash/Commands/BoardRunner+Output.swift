import ArgumentParser

extension BoardRunner {
    /// Looks whether what is read from the boards can go to `file` (`-` is stdout), before anything takes time.
    ///
    /// - Throws: A usage error where several boards would write to one file, or data and events to stdout; the exit code
    ///   of ``FlashError/outputFile(path:reason:)``.
    func checkOutput(_ file: String) throws {
        guard ports.count == 1 else {
            throw ValidationError("one board can be read into a file at a time; name it with --port")
        }
        guard file != "-" || !reporter.takesStdout else {
            throw ValidationError("stdout cannot carry the data and the events of --json; name a file")
        }
        try Self.exiting { () throws(FlashError) in try OutputFile.check(file) }
    }
}
