import GRDB

extension Store {
    private struct Known {
        var id: Int64
        var isActive: Bool
        var newest: Device.State?
    }

    /// Records measurements in one transaction, in their order.
    ///
    /// - Parameter received: What was recorded before; nil when it is to be read first.
    /// - Returns: What became of each, and what is recorded now.
    func record(
        _ entries: [MeasurementWriter.Entry], _ received: ReceivedKeys?, at now: Timestamp
    ) async throws -> ([MeasurementWriter.Outcome], ReceivedKeys) {
        try await pool.write { db in
            var received = try received ?? ReceivedKeys(db)
            var devices: [MeasurementWriter.Target: Known?] = [:]
            let insert = try db.cachedStatement(
                sql: "INSERT INTO device_states (device_id, value, at) VALUES (?, ?, ?)")
            var outcomes: [MeasurementWriter.Outcome] = []
            outcomes.reserveCapacity(entries.count)
            for entry in entries {
                if let key = entry.key, received.contains(key) {
                    outcomes.append(.alreadyRecorded)
                    continue
                }
                let known = try devices[entry.target] ?? Self.find(entry.target, db)
                devices[entry.target] = known
                guard var known else {
                    // The base may send it again when the device is known.
                    outcomes.append(.unknownDevice)
                    continue
                }
                if let key = entry.key { received.insert(key, at: now) }
                guard known.isActive else {
                    outcomes.append(.inactive)
                    continue
                }
                try insert.execute(arguments: [known.id, entry.state.value, entry.state.at.milliseconds])
                if known.newest.map({ $0.at <= entry.state.at }) ?? true { known.newest = entry.state }
                devices[entry.target] = known
                outcomes.append(.recorded(device: known.id))
            }
            for case let known? in devices.values { try Self.keepNewest(known, at: now, db) }
            try received.save(db)
            return (outcomes, received)
        }
    }

    private static func find(_ target: MeasurementWriter.Target, _ db: Database) throws -> Known? {
        let row: Row?
        switch target {
        case .address(let address):
            let statement = try db.cachedStatement(sql: "SELECT id, active FROM devices WHERE address = ?")
            row = try Row.fetchOne(statement, arguments: ["\(address)"])
        case .device(let id):
            let statement = try db.cachedStatement(sql: "SELECT id, active FROM devices WHERE id = ?")
            row = try Row.fetchOne(statement, arguments: [id])
        }
        return row.map { Known(id: $0["id"], isActive: $0["active"]) }
    }

    /// What comes late is history and takes no newer value's place; a value from the future is no newer one: the clock was
    /// wrong then.
    private static func keepNewest(_ known: Known, at now: Timestamp, _ db: Database) throws {
        guard let newest = known.newest else { return }
        let update = try db.cachedStatement(
            sql: """
                UPDATE devices SET last_value = ?, last_at = ?
                WHERE id = ? AND (last_at IS NULL OR last_at <= ? OR last_at > ?)
                """)
        let at = newest.at.milliseconds
        try update.execute(arguments: [newest.value, at, known.id, at, now.milliseconds])
    }
}
