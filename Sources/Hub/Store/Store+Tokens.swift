import Foundation
import GRDB

extension Store {
    /// A token and the hash that its secret must have.
    struct StoredToken: Equatable, Sendable {
        var ability: Ability
        var secretHash: [UInt8]
    }

    /// Makes a token; its secret cannot be had again.
    func addToken(name: String, ability: Ability, at now: Timestamp) async throws -> Secret {
        let random = [UInt8].random(Secret.byteCount)
        return try await pool.write { db in
            try db.execute(
                sql: "INSERT INTO api_tokens (name, ability, secret_hash, created_at) VALUES (?, ?, ?, ?)",
                arguments: [name, ability.rawValue, Data(Secret.hash(of: random)), now.milliseconds])
            return Secret(.token, id: db.lastInsertedRowID, random: random)
        }
    }

    func tokens() async throws -> [APIToken] {
        try await pool.read { db in
            try Row.fetchAll(db, sql: "SELECT id, name, ability, created_at, last_used_at FROM api_tokens ORDER BY id")
                .compactMap { row in
                    guard let ability = Ability(rawValue: row["ability"]) else { return nil }
                    let lastUsed: Int64? = row["last_used_at"]
                    return APIToken(
                        id: row["id"], name: row["name"], ability: ability,
                        createdAt: Timestamp(milliseconds: row["created_at"]),
                        lastUsedAt: lastUsed.map(Timestamp.init(milliseconds:)))
                }
        }
    }

    func token(_ id: Int64) async throws -> StoredToken? {
        try await pool.read { db in
            try Row.fetchOne(db, sql: "SELECT ability, secret_hash FROM api_tokens WHERE id = ?", arguments: [id])
                .flatMap { row in
                    guard let ability = Ability(rawValue: row["ability"]) else { return nil }
                    let hash: Data = row["secret_hash"]
                    return StoredToken(ability: ability, secretHash: Array(hash))
                }
        }
    }

    /// - Returns: Whether there was one.
    func deleteToken(_ id: Int64) async throws -> Bool {
        try await pool.write { db in
            try db.execute(sql: "DELETE FROM api_tokens WHERE id = ?", arguments: [id])
            return db.changesCount > 0
        }
    }

    func noteTokenUse(_ id: Int64, at now: Timestamp) async throws {
        try await pool.write { db in
            try db.execute(
                sql: "UPDATE api_tokens SET last_used_at = ? WHERE id = ?", arguments: [now.milliseconds, id])
        }
    }
}
