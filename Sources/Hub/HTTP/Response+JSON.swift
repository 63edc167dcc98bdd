import Foundation
import Hummingbird

extension Response {
    /// A JSON answer, keys sorted, that nobody may keep.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(value) else { return Response(status: .internalServerError) }
        return Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Done, and nothing to say.
    static var noContent: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}
