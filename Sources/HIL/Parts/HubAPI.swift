import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import UnitProtocol

/// The JSON API of a hub that runs.
struct HubAPI: Sendable {
    /// Of 127.0.0.1.
    let port: Int
    /// With the ability `admin`.
    let token: String

    struct Device: Sendable {
        var id: Int
        var unit: String
        var kind: UnitKind
    }

    /// A measurement as it stands in an answer.
    struct State: Decodable, Sendable {
        var value: String
        var at: String
    }

    func add(_ unit: (name: String, kind: UnitKind, address: IPv4Address)) async throws -> Device {
        struct Made: Decodable {
            struct Device: Decodable {
                var id: Int
            }
            var device: Device
        }
        let body = try JSONEncoder().encode(
            ["name": unit.name, "kind": unit.kind.hubName, "address": unit.address.description])
        let (status, data) = try await send(.POST, "/api/devices", body: body)
        guard status == 201, let made = try? JSONDecoder().decode(Made.self, from: data) else {
            throw Self.refusal("the hub did not add the device \(unit.name)", status, data)
        }
        return Device(id: made.device.id, unit: unit.name, kind: unit.kind)
    }

    /// What a device has measured, the newest 10 000.
    ///
    /// - Parameter time: In milliseconds since 1970; nil gives all.
    func states(of device: Device, from time: Int?) async throws -> [State] {
        struct States: Decodable {
            var states: [State]
        }
        let path = "/api/devices/\(device.id)/states?limit=10000" + (time.map { "&from=\(HubTime.text($0))" } ?? "")
        let (status, data) = try await send(.GET, path)
        guard status == 200, let states = try? JSONDecoder().decode(States.self, from: data).states else {
            throw Self.refusal("the hub refused GET \(path)", status, data)
        }
        return states
    }

    /// What the hub answers to a request.
    enum Answer: Equatable, Sendable {
        /// With its number.
        case sent(Int)
        case noBase
        /// It has too much to do and wants to be asked again, in its words.
        case busy(String)
    }

    func request(_ payload: String, of device: Device) async throws -> Answer {
        let body = try JSONEncoder().encode(["payload": payload])
        let (status, data) = try await send(.POST, "/api/devices/\(device.id)/requests", body: body)
        return try Self.answer(status, data)
    }

    static func answer(_ status: Int, _ data: Data) throws -> Answer {
        struct Sent: Decodable {
            var id: Int
        }
        struct Refused: Decodable {
            struct Reason: Decodable {
                var code: String
            }
            var error: Reason
        }
        if status == 202, let sent = try? JSONDecoder().decode(Sent.self, from: data) { return .sent(sent.id) }
        let code = (try? JSONDecoder().decode(Refused.self, from: data))?.error.code
        let refusal = refusal("the hub refused the request", status, data)
        switch (status, code) {
        case (503, "no_base"): return .noBase
        case (503, "busy"): return .busy(refusal.description)
        default: throw refusal
        }
    }

    /// What became of a request; nil as long as that is not known.
    func outcome(of number: Int, of device: Device) async throws -> (outcome: RequestOutcome, reason: String)? {
        struct Requests: Decodable {
            struct Request: Decodable {
                struct Outcome: Decodable {
                    var id: Int
                    var result: String
                    var reason: String?
                }
                var device: Int
                var request: Outcome
            }
            var requests: [Request]
        }
        let (status, data) = try await send(.GET, "/api/requests")
        guard status == 200, let all = try? JSONDecoder().decode(Requests.self, from: data),
            let latest = all.requests.first(where: { $0.device == device.id })?.request, latest.id == number
        else { return nil }
        return RequestOutcome(rawValue: latest.result).map { ($0, latest.reason ?? "") }
    }

    private func send(_ method: HTTPMethod, _ path: String, body: Data? = nil) async throws -> (Int, Data) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body, length: .known(Int64(body.count)))
        }
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let bytes = try await response.body.collect(upTo: 8 * 1024 * 1024)
            return (Int(response.status.code), Data(bytes.readableBytesView))
        } catch {
            try Task.checkCancellation()
            throw HILError.failed("the hub did not answer \(method) \(path): \(error)")
        }
    }

    /// A full disk is the bench's, whatever was asked for.
    static func refusal(_ what: String, _ status: Int, _ data: Data) -> HILError {
        let why = "\(what): \(status) \(text(data))"
        return status == 507 ? .infrastructure(why) : .failed(why)
    }

    private static func text(_ data: Data) -> String { String(decoding: data.prefix(300), as: UTF8.self) }
}
