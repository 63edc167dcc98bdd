import Foundation
import GRDB
import UnitProtocol

/// Why a device could not be written.
enum DeviceConflict: Error, Equatable {
    case addressTaken(IPv4Address)
}

/// What `PATCH /api/devices/{id}` changes; nil leaves a field as it is.
struct DeviceChange: Equatable, Sendable {
    var name: String?
    var address: IPv4Address?
    var active: Bool?
}

extension Store {
    private static let columns = "id, uuid, name, kind, address, active, last_value, last_at"

    /// All devices in the order of the dashboard; those without a place come last, oldest first.
    func devices() async throws -> [Device] {
        try await pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.columns) FROM devices
                    LEFT JOIN dashboard_blocks ON device_id = id
                    ORDER BY position IS NULL, position, id
                    """
            ).compactMap(Device.init(row:))
        }
    }

    func device(_ id: Int64) async throws -> Device? {
        try await pool.read { db in try Self.device(id, in: db) }
    }

    /// The device at an address.
    func device(at address: IPv4Address) async throws -> Device? {
        try await pool.read { db in
            try Row.fetchOne(
                db, sql: "SELECT \(Self.columns) FROM devices WHERE address = ?", arguments: ["\(address)"]
            ).flatMap(Device.init(row:))
        }
    }

    /// Adds a device; it stands last on the dashboard.
    ///
    /// - Throws: ``DeviceConflict/addressTaken(_:)`` when another device has the address.
    func addDevice(
        uuid: UUID, name: String, kind: Device.Kind, address: IPv4Address, active: Bool
    ) async throws -> Device {
        try await refusingTakenAddress(address) { db in
            try db.execute(
                sql: "INSERT INTO devices (uuid, name, kind, address, active) VALUES (?, ?, ?, ?, ?)",
                arguments: [uuid.uuidString.lowercased(), name, kind.rawValue, "\(address)", active])
            return try Self.device(db.lastInsertedRowID, in: db)
        }.orThrow("the device that was just added")
    }

    /// Changes a device; nil when there is none with this id.
    ///
    /// - Throws: ``DeviceConflict/addressTaken(_:)`` when another device has the new address.
    func changeDevice(_ id: Int64, _ change: DeviceChange) async throws -> Device? {
        try await refusingTakenAddress(change.address) { db in
            try db.execute(
                sql: """
                    UPDATE devices SET name = coalesce(?, name), address = coalesce(?, address),
                        active = coalesce(?, active) WHERE id = ?
                    """,
                arguments: [change.name, change.address.map { "\($0)" }, change.active, id])
            return try Self.device(id, in: db)
        }
    }

    /// Removes a device at once and marks its history for removal (see ``prune(olderThan:limit:)``).
    ///
    /// - Returns: Whether there was one.
    func deleteDevice(_ id: Int64) async throws -> Bool {
        try await pool.write { db in
            try db.execute(sql: "DELETE FROM devices WHERE id = ?", arguments: [id])
            guard db.changesCount > 0 else { return false }
            try db.execute(sql: "INSERT INTO pruned_devices (device_id) VALUES (?)", arguments: [id])
            return true
        }
    }

    private static func device(_ id: Int64, in db: Database) throws -> Device? {
        try Row.fetchOne(db, sql: "SELECT \(columns) FROM devices WHERE id = ?", arguments: [id])
            .flatMap(Device.init(row:))
    }

    private func refusingTakenAddress<Value: Sendable>(
        _ address: IPv4Address?, _ write: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.write(write)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            guard let address else { throw error }
            throw DeviceConflict.addressTaken(address)
        }
    }
}

extension Device {
    /// nil for a row that this program did not write: the schema's checks leave only the address open.
    init?(row: Row) {
        guard let kind = Kind(rawValue: row["kind"]), let address = try? IPv4Address(row["address"]) else { return nil }
        var lastState: State?
        if let value: String = row["last_value"], let at: Int64 = row["last_at"] {
            lastState = State(value: value, at: Timestamp(milliseconds: at))
        }
        self.init(
            id: row["id"], uuid: row["uuid"], name: row["name"], kind: kind, address: address,
            active: row["active"], lastState: lastState)
    }
}

/// Something that the database must hold, and does not.
struct MissingRow: Error, CustomStringConvertible {
    let what: String
    var description: String { "the database does not hold \(what)" }
}

extension Optional {
    func orThrow(_ what: String) throws -> Wrapped {
        guard let self else { throw MissingRow(what: what) }
        return self
    }
}
