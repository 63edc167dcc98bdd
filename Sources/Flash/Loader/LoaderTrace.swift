import ESPLoader
import Foundation

/// Writes what goes over the wire to stderr, a line each with the time since the last one.
final class LoaderTrace {
    private let name: String
    private var last = ContinuousClock.now
    /// Bytes of a frame that are printed.
    private static let shown = 48

    init(name: String) {
        self.name = name
    }

    func sent(_ bytes: [UInt8]) { line("<-", bytes) }
    func received(_ bytes: [UInt8]) { line("->", bytes) }
    func said(_ bytes: [UInt8]) { print("text \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
    func set(_ step: ResetStep) { print("lines \(step)") }

    private func line(_ arrow: String, _ bytes: [UInt8]) {
        let hex = bytes.prefix(Self.shown).map { String(format: "%02x", $0) }.joined(separator: " ")
        print("\(arrow) \(bytes.count) bytes: \(hex)\(bytes.count > Self.shown ? " …" : "")")
    }

    private func print(_ text: String) {
        let now = ContinuousClock.now
        let milliseconds =
            Double((now - last).components.attoseconds) / 1e15 + Double((now - last).components.seconds) * 1e3
        last = now
        let line = "\(name) +\(String(format: "%.1f", milliseconds)) ms \(text)\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
}
