import ESPLoader
import Foundation
import Synchronization

/// A line of JSON an event on stdout, for scripts: `{"event":"progress","port":"…","phase":"write","done":4096,"total":303104}`.
final class JSONReporter: Reporter {
    private struct Line: Encodable {
        var event: String
        var port: String?
        var phase: FlashEvent.Phase?
        var what: String?
        var value: String?
        var done: Int?
        var total: Int?
        var seconds: Double?
        var chip: String?
        var mac: String?
        var crystalMHz: Int?
        var flashID: String?
        var flashBytes: Int?
        var message: String?
        var exitCode: Int32?
    }

    /// Progress is told no more often than this.
    private static let pause = Duration.milliseconds(200)

    private struct State {
        var phases: [String?: (phase: FlashEvent.Phase, total: Int, told: ContinuousClock.Instant)] = [:]
        var failure: FlashError?
    }

    private let state = Mutex(State())
    let takesStdout = true

    func take(_ event: FlashEvent, of port: String?) {
        state.withLock { state in
            guard let line = line(event, port, &state) else { return }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard var data = try? encoder.encode(line) else { return }
            data.append(UInt8(ascii: "\n"))
            do throws(FlashError) {
                try OutputFile.write(Array(data), to: "-")
            } catch {
                state.failure = state.failure ?? error
            }
        }
    }

    func finish() throws(FlashError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func line(_ event: FlashEvent, _ port: String?, _ state: inout State) -> Line? {
        switch event {
        case .connecting: return Line(event: "connecting", port: port)
        case .met(let chip, let crystal, let flash):
            return Line(
                event: "board", port: port, chip: chip.model.rawValue, mac: chip.macText,
                crystalMHz: crystal.rawValue, flashID: flash.text, flashBytes: flash.size)
        case .note(let text): return Line(event: "note", port: port, message: text)
        case .value(let what, let value): return Line(event: "value", port: port, what: what, value: value)
        case .began(let phase, let what, let total):
            state.phases[port] = (phase, total, .now)
            return Line(event: "began", port: port, phase: phase, what: what, total: total)
        case .progress(let done):
            guard let current = state.phases[port], done < current.total, .now - current.told >= Self.pause else {
                return nil
            }
            state.phases[port]?.told = .now
            return Line(event: "progress", port: port, phase: current.phase, done: done, total: current.total)
        case .ended(let phase, let bytes, let time):
            state.phases[port] = nil
            return Line(event: "ended", port: port, phase: phase, done: bytes, seconds: time.inSeconds)
        case .done: return Line(event: "done", port: port)
        case .failed(let error):
            return Line(event: "failed", port: port, message: "\(error)", exitCode: ExitStatus(error).rawValue)
        }
    }
}
