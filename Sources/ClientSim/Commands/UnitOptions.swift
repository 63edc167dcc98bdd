import ArgumentParser
import Settings
import UnitProtocol

/// What the commands for one unit share.
struct UnitOptions: ParsableArguments {
    @Option(help: "The port; 0 takes a free one.")
    var port = UnitPort.firmware

    @Option(
        help: "The firmware: core-2.6 or core-3.1 (default: core-3.1).", transform: { try FirmwareProfile.named($0) })
    var profile = FirmwareProfile.core31

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be from 0 to 65535, not \(port)")
        }
    }
}

extension IPv4Address {
    /// For `transform:` of an option.
    static func argument(_ text: String) throws -> IPv4Address {
        try IPv4Address(text)
    }
}

extension Duration {
    /// For `transform:` of `--period`.
    static func period(_ text: String) throws -> Duration {
        guard let period = Duration(settingsText: text), FleetFile.periods.contains(period) else {
            throw ValidationError("must be a time from 10ms to 1d, such as 1s, not \"\(text)\"")
        }
        return period
    }
}
