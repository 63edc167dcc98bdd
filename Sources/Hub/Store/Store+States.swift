import GRDB

extension Store {
    /// The most states that one request for history gives.
    static let maximumStates = 10_000

    /// The newest `limit` states of a device within the closed span, oldest first.
    func states(
        of device: Int64, from: Timestamp?, to: Timestamp?, limit: Int
    ) async throws -> [Device.State] {
        try await pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT value, at FROM device_states
                    WHERE device_id = ? AND at BETWEEN ? AND ? ORDER BY at DESC, id DESC LIMIT ?
                    """,
                arguments: [
                    device, from?.milliseconds ?? Int64.min, to?.milliseconds ?? Int64.max,
                    min(limit, Self.maximumStates),
                ]
            ).reversed().map { row in
                Device.State(value: row["value"], at: Timestamp(milliseconds: row["at"]))
            }
        }
    }

    /// Removes states that are older than `oldest`, and those of deleted devices; at most `limit` in one transaction,
    /// so that measurements never wait long for the database.
    ///
    /// - Returns: How many were removed; fewer than `limit` when nothing is left to remove.
    func prune(olderThan oldest: Timestamp, limit: Int) async throws -> Int {
        // Looked for while measurements are written: each device is one step into the index.
        let (aged, deleted) = try await pool.read { db in
            let aged = try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM devices
                    WHERE EXISTS (SELECT 1 FROM device_states WHERE device_id = devices.id AND at < ?) LIMIT ?
                    """, arguments: [oldest.milliseconds, limit])
            return (
                aged, try Int64.fetchAll(db, sql: "SELECT device_id FROM pruned_devices LIMIT ?", arguments: [limit])
            )
        }
        guard !aged.isEmpty || !deleted.isEmpty else { return 0 }
        return try await pool.write { db in
            var removed = 0
            for device in aged where removed < limit {
                removed += try Self.removeStates(of: device, before: oldest, limit: limit - removed, db)
            }
            for device in deleted where removed < limit {
                removed += try Self.removeStates(of: device, before: nil, limit: limit - removed, db)
                if removed < limit {
                    try db.execute(sql: "DELETE FROM pruned_devices WHERE device_id = ?", arguments: [device])
                }
            }
            return removed
        }
    }

    private static func removeStates(
        of device: Int64, before oldest: Timestamp?, limit: Int, _ db: Database
    ) throws -> Int {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM device_states WHERE id IN
                    (SELECT id FROM device_states WHERE device_id = ? AND at < ? ORDER BY at LIMIT ?)
                """)
        try statement.execute(arguments: [device, oldest?.milliseconds ?? Int64.max, limit])
        return db.changesCount
    }
}
