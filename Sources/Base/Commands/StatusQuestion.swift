import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOPosix
import WebSocketClient

/// Asks a base how it fares.
enum StatusQuestion {
    private static let mostBytes = 1 << 20

    /// - Parameter limit: For all of it: the connection, the head and the whole body.
    /// - Throws: ``BaseStatusError``.
    static func ask(
        _ place: OperationsSettings.Place, within limit: Duration = .seconds(10)
    ) async throws -> (body: Data, report: StatusReport) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // Nobody there is an answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        let result = await Result { try await answer(of: place, client, within: limit) }
        try? await client.shutdown()
        return try result.get()
    }

    private static func answer(
        of place: OperationsSettings.Place, _ client: HTTPClient, within limit: Duration
    ) async throws -> (body: Data, report: StatusReport) {
        let (status, body) = try await withThrowingTaskGroup(of: (UInt, Data).self) { group in
            group.addTask { try await exchange(place, client, within: limit) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw BaseStatusError.unfinished(place, limit: limit)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
        guard status == 200, let report = try? JSONDecoder().decode(StatusReport.self, from: body) else {
            throw BaseStatusError.notABase(place, status: status, answer: String(decoding: body, as: UTF8.self))
        }
        return (body, report)
    }

    private static func exchange(
        _ place: OperationsSettings.Place, _ client: HTTPClient, within limit: Duration
    ) async throws -> (UInt, Data) {
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: "http://\(place)/status"), timeout: TimeAmount(limit))
            let body = try await response.body.collect(upTo: mostBytes)
            return (response.status.code, Data(buffer: body))
        } catch is NIOTooManyBytesError {
            throw BaseStatusError.tooLong(place, limit: mostBytes)
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw BaseStatusError.unfinished(place, limit: limit)
        } catch {
            throw BaseStatusError.nobody(place, reason: DialFailure.words(error))
        }
    }
}
