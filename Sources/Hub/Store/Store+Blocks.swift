import GRDB

/// Why a new order of the dashboard was refused.
enum OrderProblem: Error, Equatable {
    case unknownDevices([Int64])
}

extension Store {
    /// Keeps a new order. Devices that `order` leaves out keep their order behind those that it names.
    ///
    /// - Parameter order: Ids, each at most once.
    /// - Returns: The ids of all devices in their new order.
    /// - Throws: ``OrderProblem/unknownDevices(_:)``; nothing is changed then.
    func setOrder(_ order: [Int64]) async throws -> [Int64] {
        try await pool.write { db in
            let current = try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM devices LEFT JOIN dashboard_blocks ON device_id = id
                    ORDER BY position IS NULL, position, id
                    """)
            let unknown = Set(order).subtracting(current)
            guard unknown.isEmpty else { throw OrderProblem.unknownDevices(unknown.sorted()) }
            let named = Set(order)
            let complete = order + current.filter { !named.contains($0) }
            try db.execute(sql: "DELETE FROM dashboard_blocks")
            let insert = try db.cachedStatement(
                sql: "INSERT INTO dashboard_blocks (device_id, position) VALUES (?, ?)")
            for (position, id) in complete.enumerated() {
                try insert.execute(arguments: [id, position])
            }
            return complete
        }
    }
}
