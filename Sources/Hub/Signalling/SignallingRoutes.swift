import Foundation
import Hummingbird

/// What PeerJS's clients ask over HTTP, and the tickets for a device.
struct SignallingRoutes {
    let store: Store
    let ticketKey: DeviceTicketKey
    let now: @Sendable () -> Timestamp

    private struct About: Encodable {
        let name = "iot hub signalling"
        let description = "Brings PeerJS clients together: devices of this hub and those who watch them."

        private enum CodingKeys: String, CodingKey { case name, description }
    }

    private struct Ticket: Encodable {
        let ticket: String
        let expiresAt: Timestamp
        let path: String
    }

    func add(to table: inout RouteTable) {
        table.on(.get, "/signalling") { _, _ in Self.open(.json(About())) }
        table.on(.get, "/signalling/{key}/id") { _, _ in
            let headers: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
            let id = UUID().uuidString.lowercased()
            return Self.open(
                Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: id))))
        }
        // Who is there is told to nobody but those who may know it, by PRESENCE.
        table.on(.get, "/signalling/{key}/peers") { _, _ in Self.open(APIError.noDiscovery.response) }
        table.on(.post, "/api/devices/{id}/watch-tickets") { try await makeTicket(.watch, $0, $1) }
        table.on(.post, "/api/devices/{id}/stream-tickets") { try await makeTicket(.stream, $0, $1) }
    }

    private func makeTicket(
        _ purpose: DeviceTicket.Purpose, _ request: Request, _ context: HubRequestContext
    ) async throws -> Response {
        try context.require(.admin)
        let id = try context.id(orThrow: .unknownDevice)
        guard try await store.device(id) != nil else { throw APIError.unknownDevice }
        let ticket = DeviceTicket(purpose, device: id, madeAt: now())
        return .json(
            Ticket(
                ticket: ticket.text(key: ticketKey), expiresAt: ticket.expiresAt, path: ticket.path(key: ticketKey)),
            status: .created)
    }

    /// Pages of any origin may read it, as PeerJS's server allows.
    private static func open(_ response: Response) -> Response {
        var response = response
        response.headers[.accessControlAllowOrigin] = "*"
        return response
    }
}

extension APIError {
    fileprivate static let noDiscovery = APIError(
        status: .unauthorized, code: "no_discovery",
        message: "The hub lists no peers; whoever may watch a device knows its id, such as unit-5.")
}
