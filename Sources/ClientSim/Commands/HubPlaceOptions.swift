import ArgumentParser
import Files
import Foundation
import LiveStream

/// Where an interface takes its place at a hub that runs already.
struct HubPlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The hub, such as http://127.0.0.1:8080.", valueName: "url"))
    var hub: String?

    @Option(help: "The number of the device that it streams as; the address of its page ends with it.")
    var device: Int?

    @Option(
        help: ArgumentHelp(
            "A file with a token of the hub with the ability device, or a ticket (default: the environment's IOT_TOKEN).",
            valueName: "file"), completion: .file())
    var tokenFile: String?

    func validate() throws {
        guard (hub == nil) == (device == nil) else {
            throw ValidationError("--hub and --device go together")
        }
        guard hub != nil || tokenFile == nil else { throw ValidationError("--token-file is for --hub") }
        if let device, device < 1 { throw ValidationError("--device must be above 0, not \(device)") }
    }

    /// - Throws: ``InterfaceError``, `LivePlaceError`.
    func place() throws -> LivePlace {
        try LivePlace(hub: hub ?? "", device: device ?? 0, token: try token())
    }

    private static let longestToken = 4096

    private func token() throws -> String {
        guard let tokenFile else {
            guard let token = ProcessInfo.processInfo.environment["IOT_TOKEN"], !token.isEmpty else {
                throw InterfaceError.noToken
            }
            return token
        }
        do {
            let data = try RegularFile.bytes(of: tokenFile, atMost: Self.longestToken)
            return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw InterfaceError.token(path: tokenFile, reason: "\(error)")
        }
    }
}
