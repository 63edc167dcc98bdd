import ArgumentParser
import ESPLoader

/// What is changed in the header of an image that goes to 0.
struct HeaderOptions: ParsableArguments {
    @Option(
        help: "Flash mode in the header: keep, qio, qout, dio or dout (default: keep).",
        completion: .list(["keep"] + Self.modes), transform: Self.mode)
    var flashMode: HeaderChoice<FlashMode>?

    @Option(
        help: "Flash frequency in the header: keep, 20m, 26m, 40m or 80m (default: keep).",
        completion: .list(["keep"] + Self.frequencies), transform: Self.frequency)
    var flashFreq: HeaderChoice<FlashFrequency>?

    @Option(
        help: "Flash size in the header: keep, detect (what the flash says) or a size such as 4MB (default: detect).",
        completion: .list(["keep", "detect"] + FlashSizeOption.names), transform: Self.size)
    var flashSize: WritePlan.SizeChoice?

    static let modes = FlashMode.allCases.map(\.name)
    static let frequencies = ["20m", "26m", "40m", "80m"]

    /// The command line goes before the defaults, its `keep` too.
    func header(_ defaults: FlashDefaults) -> WritePlan.Header {
        WritePlan.Header(
            mode: (flashMode ?? defaults.mode)?.wanted, frequency: (flashFreq ?? defaults.frequency)?.wanted,
            size: flashSize ?? defaults.size ?? .detect)
    }

    static func mode(_ text: String) throws -> HeaderChoice<FlashMode> {
        if text == "keep" { return .keep }
        guard let mode = FlashMode(name: text) else {
            throw ValidationError("--flash-mode takes keep, qio, qout, dio or dout")
        }
        return .value(mode)
    }

    static func frequency(_ text: String) throws -> HeaderChoice<FlashFrequency> {
        if text == "keep" { return .keep }
        guard let frequency = FlashFrequency(name: text) else {
            throw ValidationError("--flash-freq takes keep, 20m, 26m, 40m or 80m")
        }
        return .value(frequency)
    }

    static func size(_ text: String) throws -> WritePlan.SizeChoice {
        switch text {
        case "keep": return .keep
        case "detect": return .detect
        default:
            guard let size = FlashSize(name: text) else {
                throw ValidationError(
                    "--flash-size takes keep, detect or one of \(FlashSizeOption.names.joined(separator: ", "))")
            }
            return .value(size)
        }
    }
}
