import GRDB
import GRDBSQLite

/// Writes rows of `device_states`, with SQLite's own functions: to box the arguments of each row takes longer than the row.
///
/// It belongs to the transaction in which it was made.
struct StateInsertion {
    private static let sql = "INSERT INTO device_states (device_id, value, at) VALUES (?, ?, ?)"

    private let statement: Statement

    init(_ db: Database) throws {
        statement = try db.cachedStatement(sql: Self.sql)
    }

    func insert(_ state: Device.State, of device: Int64) throws {
        let row = statement.sqliteStatement
        var value = state.value
        try check(sqlite3_bind_int64(row, 1, device), SQLITE_OK)
        try check(sqlite3_bind_int64(row, 3, state.at.milliseconds), SQLITE_OK)
        try value.withUTF8 { text in
            try text.withMemoryRebound(to: CChar.self) { text in
                // SQLite makes no copy of the text, and may not look at it later.
                try check(sqlite3_bind_text(row, 2, text.baseAddress, Int32(text.count), nil), SQLITE_OK)
                let stepped = sqlite3_step(row)
                sqlite3_reset(row)
                sqlite3_bind_null(row, 2)
                try check(stepped, SQLITE_DONE)
            }
        }
    }

    private func check(_ code: Int32, _ expected: Int32) throws {
        guard code != expected else { return }
        throw DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_db_handle(statement.sqliteStatement).map { String(cString: sqlite3_errmsg($0)) },
            sql: Self.sql)
    }
}
