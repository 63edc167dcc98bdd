import ArgumentParser
import ESPLoader

/// What is changed in the header of an image that goes to 0.
struct HeaderOptions: ParsableArguments {
    @Option(help: "Flash mode in the header: keep, qio, qout, dio or dout (default: keep).", transform: Self.mode)
    var flashMode: FlashMode??

    @Option(
        help: "Flash frequency in the header: keep, 20m, 26m, 40m or 80m (default: keep).", transform: Self.frequency)
    var flashFreq: FlashFrequency??

    @Option(
        help: "Flash size in the header: keep, detect (what the flash says) or a size such as 4MB (default: detect).",
        transform: Self.size)
    var flashSize: WritePlan.SizeChoice?

    func header(_ defaults: FlashDefaults) -> WritePlan.Header {
        WritePlan.Header(
            mode: flashMode ?? defaults.mode, frequency: flashFreq ?? defaults.frequency,
            size: flashSize ?? defaults.size ?? .detect)
    }

    static func mode(_ text: String) throws -> FlashMode? {
        if text == "keep" { return nil }
        guard let mode = FlashMode(name: text) else {
            throw ValidationError("--flash-mode takes keep, qio, qout, dio or dout")
        }
        return mode
    }

    static func frequency(_ text: String) throws -> FlashFrequency? {
        if text == "keep" { return nil }
        guard let frequency = FlashFrequency(name: text) else {
            throw ValidationError("--flash-freq takes keep, 20m, 26m, 40m or 80m")
        }
        return frequency
    }

    static func size(_ text: String) throws -> WritePlan.SizeChoice {
        switch text {
        case "keep": return .keep
        case "detect": return .detect
        default:
            guard let size = FlashSize(name: text) else {
                let names = FlashSize.allCases.map(\.name).joined(separator: ", ")
                throw ValidationError("--flash-size takes keep, detect or one of \(names)")
            }
            return .value(size)
        }
    }
}
