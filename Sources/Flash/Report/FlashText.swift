import ESPLoader
import Foundation

/// Events in words.
enum FlashText {
    /// Nil for what is only shown where it moves.
    static func line(_ event: FlashEvent) -> String? {
        switch event {
        case .connecting, .progress, .began, .done, .value: nil
        case .met(let chip, let crystal, let flash):
            "\(chip.model.rawValue), \(crystal.rawValue) MHz crystal, MAC \(chip.macText), \(Self.flash(flash))"
        case .note(let text): text
        case .ended(let phase, let bytes, let time): "\(past(phase)) \(amount(bytes, time))"
        case .failed: nil
        }
    }

    static func flash(_ flash: FlashIdentity) -> String {
        let size = flash.size.map(FlashSize.text) ?? "of unknown size"
        return "flash \(size) (\(flash.maker.map { "\($0), " } ?? "")id \(flash.text))"
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
        let rate = seconds > 0 ? Double(bytes) / seconds / 1000 : 0
        return bytes == 0
            ? "in \(number(seconds)) s" : "\(size(bytes)) in \(number(seconds)) s (\(number(rate)) kB/s)"
    }

    static func size(_ bytes: Int) -> String {
        bytes == 1 ? "1 byte" : bytes < 10_000 ? "\(bytes) bytes" : "\(bytes / 1000) kB"
    }

    static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
