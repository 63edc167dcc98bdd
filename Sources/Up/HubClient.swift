import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What the start of the system asks of the hub's JSON API.
struct HubClient: Sendable {
    let hub: HubAddress
    let token: String
    private let http = HTTPClient.shared
    private static let limit = TimeAmount.seconds(10)

    private struct Devices: Decodable {
        struct Device: Decodable {
            var address: String
        }
        var devices: [Device]
    }

    private struct NewDevice: Encodable {
        var name: String
        var kind: String
        var address: String
    }

    /// Whether the hub takes the token (it may come from another state directory, or have been revoked).
    func isTokenValid() async throws -> Bool {
        try await send(.GET, "/api/devices", body: nil).status == .ok
    }

    /// Makes the devices whose addresses the hub does not know yet; the others stay as the user has them.
    func addMissingDevices(_ units: [SystemPlan.Unit]) async throws {
        let answer = try await send(.GET, "/api/devices", body: nil)
        try check(answer, "list the devices")
        let known = Set(try JSONDecoder().decode(Devices.self, from: answer.body).devices.map(\.address))
        for unit in units where !known.contains(unit.address.description) {
            let device = NewDevice(
                name: unit.name, kind: unit.kind.rawValue, address: unit.address.description)
            try check(
                try await send(.POST, "/api/devices", body: try JSONEncoder().encode(device)),
                "add the device \(unit.name)")
        }
    }

    /// Whether a user may log in with a password.
    func canLogIn(user: String, password: String) async throws -> Bool {
        let body = try JSONEncoder().encode(["user": user, "password": password])
        return try await send(.POST, "/api/login", body: body).status == .ok
    }

    private struct Answer {
        var status: HTTPResponseStatus
        var body: Data
    }

    private func send(_ method: HTTPMethod, _ path: String, body: Data?) async throws -> Answer {
        var request = HTTPClientRequest(url: hub.url + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body, length: .known(Int64(body.count)))
        }
        let response = try await http.execute(request, timeout: Self.limit)
        let bytes = try await response.body.collect(upTo: 4 * 1024 * 1024)
        return Answer(status: response.status, body: Data(bytes.readableBytesView))
    }

    private func check(_ answer: Answer, _ what: String) throws {
        guard (200..<300).contains(answer.status.code) else {
            throw UpError.hubRefused(
                what, status: Int(answer.status.code), body: String(decoding: answer.body, as: UTF8.self))
        }
    }
}
