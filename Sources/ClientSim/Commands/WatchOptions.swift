import ArgumentParser
import Glibc

/// How a running fleet is watched and disturbed, and what is left of the run.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Show counts, rates and lamps on the terminal, twice a second.")
    var view = false

    @Option(
        help: """
            Serve /metrics for Prometheus, /state, and /faults, which takes a fault to begin now, on this port of 127.0.0.1; \
            0 takes a free one, which --json tells.
            """)
    var control: Int?

    @Option(
        help: """
            The file of the token that /state and /faults want (Authorization: Bearer TOKEN); where there is none, it is \
            made. Without it only /metrics is served.
            """)
    var controlTokenFile: String?

    @Option(help: "At the end write what the run has done to this file, as JSON; iot sim verify wants it.")
    var report: String?

    @Option(help: "The same as tests that passed or failed, as JUnit XML.")
    var junit: String?

    /// Finds out before the run whether what it leaves can be written: a run of hours would be for nothing.
    ///
    /// - Throws: ``FleetError/cannotWrite(path:reason:)``.
    func prepareReports() throws(FleetError) {
        for path in [report, junit].compactMap(\.self) {
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
            guard file >= 0 else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
            close(file)
        }
    }

    func validate() throws {
        if let control, !(0...65_535).contains(control) {
            throw ValidationError("--control must be a port from 0 to 65535, not \(control)")
        }
        if controlTokenFile != nil, control == nil {
            throw ValidationError("--control-token-file goes with --control")
        }
    }
}
