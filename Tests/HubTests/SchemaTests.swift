import GRDB
import Testing

@testable import Hub

@Suite("Schema")
struct SchemaTests {
    @Test("Tokens of a hub from before there were tokens for devices keep their numbers, and no number is used twice")
    func deviceTokens() throws {
        let database = try DatabaseQueue()
        let insertion = "INSERT INTO api_tokens (name, ability, secret_hash, created_at) VALUES (?, ?, x'00', 1)"
        try Schema.migrator.migrate(database, upTo: "4 states by device alone")
        try database.write { db in
            for name in ["one", "two", "three"] { try db.execute(sql: insertion, arguments: [name, "base"]) }
            try db.execute(sql: "DELETE FROM api_tokens WHERE name != 'two'")
        }
        try Schema.migrator.migrate(database)
        try database.write { db in try db.execute(sql: insertion, arguments: ["four", "device"]) }
        let rows = try database.read { db in
            try Row.fetchAll(db, sql: "SELECT id, name, ability FROM api_tokens ORDER BY id")
        }
        #expect(
            rows.map { "\($0["id"] as Int) \($0["name"] as String) \($0["ability"] as String)" } == [
                "2 two base", "4 four device",
            ])
        #expect(throws: DatabaseError.self) {
            try database.write { db in try db.execute(sql: insertion, arguments: ["five", "root"]) }
        }
    }

    @Test("A hub that had no token at all gets the first number")
    func noTokens() throws {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database)
        let insertion =
            "INSERT INTO api_tokens (name, ability, secret_hash, created_at) VALUES ('a', 'device', x'00', 1)"
        #expect(
            try database.write { db in
                try db.execute(sql: insertion); return db.lastInsertedRowID
            } == 1)
    }
}
