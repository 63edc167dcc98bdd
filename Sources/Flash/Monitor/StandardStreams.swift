import Glibc

/// Stdin, stdout and stderr as the process was given them.
enum StandardStreams {
    /// Looks whether stdout is there, and puts /dev/null in the place of the others where they are closed: what is opened
    /// next would take that place, and a port must not get what is said on stderr.
    ///
    /// - Throws: ``FlashError/outputFile(path:reason:)``.
    static func check() throws(FlashError) {
        guard isGiven(STDOUT_FILENO) else { throw .outputFile(path: "stdout", reason: "it is closed") }
        var descriptor: Int32
        repeat { descriptor = open("/dev/null", O_RDWR) } while (0...STDERR_FILENO).contains(descriptor)
        if descriptor >= 0 { close(descriptor) }
    }

    /// A descriptor that is closed on exec was opened by this process itself, in the place of one that was closed.
    private static func isGiven(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFD)
        return flags >= 0 && flags & FD_CLOEXEC == 0
    }
}
