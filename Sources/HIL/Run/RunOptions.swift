import Foundation

/// What a run is to do beside its suites and its rig.
struct RunOptions: Sendable {
    /// Where results go; nil: nowhere.
    var output: OutputFolder?
    var count = 1
    /// Whether it ends with the first case that is failed, flaky or infrastructure; one that is skipped ends nothing.
    var untilFailure = false
    /// How often a case that has failed is tried again.
    var retries = 0
    /// How many cases run at once, where boards allow.
    var jobs = 1
    var command: [String] = []
    /// Where the locks of boards are.
    var lockFolder = LockFolder.usual
    /// How long a case waits for boards that another run holds.
    var boardWait = Duration.zero
}
