import ArgumentParser

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

    func validate() throws {
        if let control, !(0...65_535).contains(control) {
            throw ValidationError("--control must be a port from 0 to 65535, not \(control)")
        }
        if controlTokenFile != nil, control == nil {
            throw ValidationError("--control-token-file goes with --control")
        }
    }
}
