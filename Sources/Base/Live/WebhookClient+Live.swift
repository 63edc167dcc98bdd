import AsyncHTTPClient
import Foundation
import LiveStream
import NIOCore
import UnitProtocol
import WebSocketClient

/// A device as the hub knows it.
struct LiveDeviceEntry: Equatable, Sendable {
    var id: Int
    var name: String
}

/// Why the dashboard's devices are not known.
enum LiveDevicesError: Error, Equatable, Sendable, CustomStringConvertible {
    case refused(status: Int)
    case unreadable
    case unanswered(String)

    var description: String {
        switch self {
        case .refused(404):
            "the dashboard does not tell its devices: only iot hub brings those together who stream and watch live"
        case .refused(let status): "the dashboard answered \(status) to GET /webhook/devices"
        case .unreadable: "the dashboard's answer to GET /webhook/devices is not understood"
        case .unanswered(let why): "the dashboard has not answered GET /webhook/devices: \(why)"
        }
    }
}

extension WebhookClient {
    private struct Devices: Decodable {
        struct Device: Decodable {
            var id: Int
            var name: String
            var kind: String
            var address: String
        }
        var devices: [Device]
    }

    private static let devicesLimit = 8 * 1024 * 1024

    /// The read units that the hub knows: `GET {api.url}/webhook/devices`.
    func devices() async -> Result<[IPv4Address: LiveDeviceEntry], LiveDevicesError> {
        var request = HTTPClientRequest(url: api.url + "/webhook/devices")
        authorize(&request)
        request.headers.add(name: "Accept", value: "application/json")
        let body: ByteBuffer
        do {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            let response = try await http.execute(request, deadline: deadline)
            guard response.status == .ok else { return .failure(.refused(status: Int(response.status.code))) }
            body = try await Self.read(response.body, until: deadline, limit: Self.devicesLimit)
        } catch {
            return .failure(.unanswered(DialFailure.words(error)))
        }
        guard let answer = try? JSONDecoder().decode(Devices.self, from: Data(body.readableBytesView)) else {
            return .failure(.unreadable)
        }
        let pairs = answer.devices.compactMap { device -> (IPv4Address, LiveDeviceEntry)? in
            guard device.kind == "read", let address = try? IPv4Address(device.address) else { return nil }
            return (address, LiveDeviceEntry(id: device.id, name: device.name))
        }
        return .success(Dictionary(pairs) { first, _ in first })
    }

    /// A device's place at the hub's signalling, which is reached and trusted as the webhook is.
    func place(of device: LiveDeviceEntry) -> LivePlace? {
        guard let url = URL(string: api.url) else { return nil }
        let trust = api.tls
        return LivePlace(
            url: url, device: device.id,
            headers: [("Authorization", "Bearer \(api.token.exposed)"), ("User-Agent", "iot-base")],
            secure: { channel, host in try channel.secure(as: host, trusting: trust) })
    }
}
