import ArgumentParser
import ESPLoader

/// How large the flash is, for commands that write no header.
struct FlashSizeOption: ParsableArguments {
    @Option(
        help: "The flash's size, such as 4MB, where the flash itself does not tell it.",
        completion: .list(Self.names), transform: Self.size)
    var flashSize: FlashSize?

    /// Every size that can be named, the smallest first.
    static let names = FlashSize.allCases.sorted { ($0.bytes, $0.rawValue) < ($1.bytes, $1.rawValue) }.map(\.name)

    static func size(_ text: String) throws -> FlashSize {
        guard let size = FlashSize(name: text) else {
            throw ValidationError("--flash-size takes one of \(names.joined(separator: ", "))")
        }
        return size
    }
}
