import Crypto
import Foundation

/// What may be asked of a running fleet, and by whom.
struct FleetControl: Sendable {
    let layout: FleetLayout
    /// Whoever sends it may let faults happen; nil: nobody may.
    let token: String?
    let snapshot: @Sendable () async -> FleetSnapshot
    let inject: @Sendable (FaultEvent) async throws -> Int

    func answer(_ question: ControlQuestion) async -> ControlAnswer {
        switch (question.method, question.path) {
        case ("GET", "/metrics"):
            return ControlAnswer(
                status: 200, type: FleetMetrics.contentType, body: FleetMetrics(await snapshot()).text)
        case ("GET", "/state"):
            if let refusal = refusal(of: question) { return refusal }
            return await state()
        case ("POST", "/faults"):
            if let refusal = refusal(of: question) { return refusal }
            return await begin(question.body)
        case (_, "/metrics"), (_, "/state"): return .refusal(405, "only GET")
        case (_, "/faults"): return .refusal(405, "only POST")
        default: return .refusal(404, "there are /metrics, /state and /faults")
        }
    }

    private func refusal(of question: ControlQuestion) -> ControlAnswer? {
        guard let token else {
            return .refusal(403, "start the fleet with --control-token-file, and send that token")
        }
        let given = question.authorization ?? ""
        // Digests are compared in constant time, and have one length whatever was sent.
        guard SHA256.hash(data: Data(given.utf8)) == SHA256.hash(data: Data("Bearer \(token)".utf8)) else {
            return .refusal(401, "the header Authorization: Bearer TOKEN is missing or wrong")
        }
        return nil
    }

    private func state() async -> ControlAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(FleetState(await snapshot())) else {
            return .refusal(500, "the state cannot be written")
        }
        return ControlAnswer(status: 200, body: String(decoding: data, as: UTF8.self) + "\n")
    }

    private func begin(_ body: String) async -> ControlAnswer {
        do {
            let event = try FaultEvent(json: body, layout: layout)
            return ControlAnswer(status: 200, body: "{\"units\":\(try await inject(event))}\n")
        } catch let error as FleetError {
            return .refusal(503, "\(error)")
        } catch {
            return .refusal(400, "\(error)")
        }
    }
}

/// A snapshot as people and scripts want it.
struct FleetState: Encodable, Equatable {
    struct Lag: Encodable, Equatable {
        var p50 = 0
        var p99 = 0
        var max = 0
        var timers = 0
    }

    var seconds: Double
    var workers: Int
    var silentWorkers: Int
    var counts: FleetCounts
    /// In microseconds.
    var lag: Lag

    init(_ snapshot: FleetSnapshot) {
        seconds = (snapshot.at / .milliseconds(1)).rounded() / 1000
        workers = snapshot.workers
        silentWorkers = snapshot.silentWorkers
        counts = snapshot.counts
        lag = Lag(
            p50: snapshot.lag.quantile(0.5), p99: snapshot.lag.quantile(0.99), max: snapshot.lag.maximum,
            timers: snapshot.lag.count)
    }
}
