import Foundation

/// Where the hub listens.
struct HubAddress: Equatable, Sendable {
    var host: String
    var port: Int

    /// Reads the URL of the hub's ready line.
    ///
    /// - Throws: ``UpError/unexpectedReadyLine`` when it has no host or port.
    init(url text: String) throws {
        guard let url = URL(string: text), let host = url.host(), let port = url.port else {
            throw UpError.unexpectedReadyLine("hub", text)
        }
        self.host = host
        self.port = port
    }

    var url: String { "http://\(host):\(port)" }
}
