import GRDB
import UnitProtocol

/// Writes measurements: whoever asks is answered after the commit that holds its measurement, and all that arrives
/// while one commit is under way shares the next.
///
/// An acknowledged measurement is therefore on the disk, at the cost of one disk flush for many. The queue is bounded:
/// beyond ``Limits/waiting`` a measurement is refused with ``MeasurementRefused/busy``.
actor MeasurementWriter {
    struct Limits: Sendable {
        /// How many measurements may wait for the next commit.
        var waiting = 20_000
        /// How many measurements one commit takes at most.
        var batch = 2_000
    }

    /// Which device a measurement belongs to: the base names an address, the hub itself an id.
    enum Target: Equatable, Sendable {
        case address(IPv4Address)
        case device(Int64)
    }

    /// What became of a measurement.
    enum Outcome: Equatable, Sendable {
        case recorded(device: Int64)
        case inactive
        case unknownDevice
    }

    private struct Waiting {
        let target: Target
        let state: Device.State
        let answer: CheckedContinuation<Outcome, any Error>
    }

    private let store: Store
    private let limits: Limits
    private var waiting: [Waiting] = []
    private var isWriting = false

    init(store: Store, limits: Limits = Limits()) {
        self.store = store
        self.limits = limits
    }

    /// Records a measurement and returns when it is committed.
    ///
    /// - Throws: ``MeasurementRefused/busy``, or the error of the commit that failed; nothing was recorded then.
    func record(_ state: Device.State, for target: Target) async throws -> Outcome {
        guard waiting.count < limits.waiting else { throw MeasurementRefused.busy }
        return try await withCheckedThrowingContinuation { answer in
            waiting.append(Waiting(target: target, state: state, answer: answer))
            guard !isWriting else { return }
            isWriting = true
            Task { await writeUntilNobodyWaits() }
        }
    }

    private func writeUntilNobodyWaits() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(limits.batch))
            waiting.removeFirst(batch.count)
            do {
                let entries = batch.map { ($0.target, $0.state) }
                let outcomes = try await store.record(entries)
                for (one, outcome) in zip(batch, outcomes) {
                    one.answer.resume(returning: outcome)
                }
            } catch {
                for one in batch {
                    one.answer.resume(throwing: error)
                }
            }
        }
        isWriting = false
    }
}

/// Why a measurement was not taken.
enum MeasurementRefused: Error, Equatable {
    case busy
}

extension Store {
    /// Records measurements in one transaction, in their order.
    ///
    /// - Returns: What became of each.
    func record(
        _ entries: [(target: MeasurementWriter.Target, state: Device.State)]
    ) async throws -> [MeasurementWriter.Outcome] {
        try await pool.write { db in
            let byAddress = try db.cachedStatement(sql: "SELECT id, active FROM devices WHERE address = ?")
            let byID = try db.cachedStatement(sql: "SELECT id, active FROM devices WHERE id = ?")
            let insert = try db.cachedStatement(
                sql: "INSERT INTO device_states (device_id, value, at) VALUES (?, ?, ?)")
            let update = try db.cachedStatement(
                sql: "UPDATE devices SET last_value = ?, last_at = ? WHERE id = ?")
            return try entries.map { entry in
                let found: Row?
                switch entry.target {
                case .address(let address): found = try Row.fetchOne(byAddress, arguments: ["\(address)"])
                case .device(let id): found = try Row.fetchOne(byID, arguments: [id])
                }
                guard let found else { return .unknownDevice }
                guard found["active"] else { return .inactive }
                let id: Int64 = found["id"]
                let at = entry.state.at.milliseconds
                try insert.execute(arguments: [id, entry.state.value, at])
                try update.execute(arguments: [entry.state.value, at, id])
                return .recorded(device: id)
            }
        }
    }
}
