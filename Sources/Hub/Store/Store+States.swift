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
        try await pool.write { db in
            try db.execute(
                sql: """
                    DELETE FROM device_states WHERE id IN
                        (SELECT id FROM device_states WHERE at < ? ORDER BY at LIMIT ?)
                    """,
                arguments: [oldest.milliseconds, limit])
            var removed = db.changesCount
            while removed < limit,
                let device = try Int64.fetchOne(db, sql: "SELECT device_id FROM pruned_devices LIMIT 1")
            {
                try db.execute(
                    sql: """
                        DELETE FROM device_states WHERE id IN
                            (SELECT id FROM device_states WHERE device_id = ? LIMIT ?)
                        """,
                    arguments: [device, limit - removed])
                removed += db.changesCount
                if removed < limit {
                    try db.execute(sql: "DELETE FROM pruned_devices WHERE device_id = ?", arguments: [device])
                }
            }
            return removed
        }
    }
}
