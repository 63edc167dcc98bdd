extension BoardRunner {
    /// Looks whether what is read from the boards can go to `file` (`-` is stdout), before anything takes time.
    ///
    /// - Throws: The exit code of a usage error where several boards would write to one file, or data and events to stdout,
    ///   or of ``FlashError/outputFile(path:reason:)``.
    func checkOutput(_ file: String) throws {
        try Self.exiting(tellsScript: reporter.takesStdout) { () throws(FlashError) in
            guard ports.count == 1 else {
                throw .usage("one board can be read into a file at a time; name it with --port")
            }
            guard file != "-" || !reporter.takesStdout else {
                throw .usage("stdout cannot carry the data and the events of --json; name a file")
            }
            try OutputFile.check(file)
        }
    }
}
