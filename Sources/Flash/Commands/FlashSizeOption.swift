import ArgumentParser
import ESPLoader

/// How large the flash is, for commands that write no header.
struct FlashSizeOption: ParsableArguments {
    @Option(help: "The flash's size, such as 4MB, where the flash itself does not tell it.", transform: Self.size)
    var flashSize: FlashSize?

    private static func size(_ text: String) throws -> FlashSize {
        guard let size = FlashSize(name: text) else {
            throw ValidationError("--flash-size takes one of \(FlashSize.allCases.map(\.name).joined(separator: ", "))")
        }
        return size
    }
}
