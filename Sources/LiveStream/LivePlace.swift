import Foundation
import WebSocketClient

/// Where a device takes its place at a hub's signalling.
public struct LivePlace: Sendable {
    public var endpoint: WebSocketEndpoint
    /// The device's number at the hub.
    public var device: Int
    /// Before the signalling's own path, without a slash at its end: for a hub behind a proxy.
    public var prefix: String
    /// The same for all attempts of this process: so an attempt takes the place of one that the hub still believes in.
    private let token = String(UInt64.random(in: 0...UInt64.max), radix: 36)

    /// - Parameter endpoint: With the header that shows who asks (`Authorization: Bearer …`).
    public init(endpoint: WebSocketEndpoint, device: Int, prefix: String = "") {
        self.endpoint = endpoint
        self.device = device
        self.prefix = prefix
    }

    var path: String {
        "\(prefix)/signalling/peerjs?key=peerjs&id=unit-\(device)&token=\(token)&presence=1"
    }
}
