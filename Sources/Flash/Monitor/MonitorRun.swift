import ArgumentParser
import Foundation
import Glibc
import UnixSignals

/// A session on a thread of its own, and the signals that end it.
enum MonitorRun {
    /// How long a session may take to end after a signal; then the terminal is put back and the process ends all the same.
    private static let grace = Duration.seconds(3)

    /// - Throws: The exit code, as ``ExitStatus`` has it.
    static func run(
        _ settings: MonitorSettings, flashAgain: MonitorSession.FlashAgain? = nil
    ) async throws {
        // Who reads our lines may go away; that is an end like any other.
        signal(SIGPIPE, SIG_IGN)
        let cancellation = Cancellation()
        MonitorSignals.install()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigquit)
        let watch = Task {
            for await _ in signals {
                cancellation.ask()
                try await Task.sleep(for: grace)
                RawTerminal.restore()
                _exit(ExitStatus.interrupted.rawValue)
            }
        }
        defer { watch.cancel() }
        let result: Result<MonitorSession.Ending, FlashError> = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do throws(FlashError) {
                    let session = try MonitorSession(settings, cancellation: cancellation, flashAgain: flashAgain)
                    continuation.resume(returning: .success(try session.run()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        switch result {
        case .success: return
        case .failure(.interrupted): throw ExitStatus.interrupted.code
        case .failure(let error): try BoardRunner.exiting { () throws(FlashError) in throw error }
        }
    }
}
