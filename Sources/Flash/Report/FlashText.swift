import ESPLoader
import Foundation

/// Events in words.
enum FlashText {
    /// Nil for what is only shown where it moves.
    static func line(_ event: FlashEvent) -> String? {
        switch event {
        case .connecting, .progress, .began, .done, .value: nil
        case .met(let chip, let crystal, let flash):
            "\(chip.model.rawValue), \(crystal.rawValue) MHz, MAC \(chip.macText), \(Self.flash(flash))"
        case .note(let text): text
        case .ended(let phase, let bytes, let time): "\(past(phase)) \(amount(bytes, time))"
        case .failed: nil
        }
    }

    static func flash(_ flash: FlashIdentity) -> String {
        let size = flash.size.map(FlashSize.text) ?? "of unknown size"
        return "flash \(size) (\(flash.maker.map { "\($0), " } ?? "")\(flash.text))"
    }

    static func past(_ phase: FlashEvent.Phase) -> String {
        switch phase {
        case .erase: "erased"
        case .write: "wrote"
        case .verify: "verified"
        case .read: "read"
        case .load: "loaded"
        }
    }

    static func present(_ phase: FlashEvent.Phase) -> String {
        switch phase {
        case .erase: "erasing"
        case .write: "writing"
        case .verify: "verifying"
        case .read: "reading"
        case .load: "loading"
        }
    }

    /// `303 KB in 31.2 s (9.7 KB/s)`.
    static func amount(_ bytes: Int, _ time: Duration) -> String {
        let seconds = time.inSeconds
        guard bytes > 0 else { return "in \(number(seconds)) s" }
        // What takes no time was done before: a rate would say nothing.
        guard seconds >= 0.05 else { return size(bytes) }
        return "\(size(bytes)) in \(number(seconds)) s (\(number(Double(bytes) / seconds / 1000)) kB/s)"
    }

    static func size(_ bytes: Int) -> String {
        bytes == 1 ? "1 byte" : bytes < 10_000 ? "\(bytes) bytes" : "\(bytes / 1000) kB"
    }

    /// `48 s`, or `3:05 min` of what is long.
    static func time(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 100 ? "\(whole) s" : "\(whole / 60):\(String(format: "%02d", whole % 60)) min"
    }

    /// Broken at spaces into lines that fit a terminal; all but the first are indented.
    static func folded(_ text: String, columns: Int) -> String {
        var lines = [""]
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count < columns {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append("  \(word)")
            }
        }
        return lines.joined(separator: "\n")
    }

    static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
