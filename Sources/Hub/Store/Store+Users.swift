import Foundation
import GRDB

extension Store {
    struct StoredUser: Equatable, Sendable {
        var user: User
        var passwordHash: String
    }

    func hasUsers() async throws -> Bool {
        try await pool.read { db in try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM users)") ?? false }
    }

    func user(named name: String) async throws -> StoredUser? {
        try await pool.read { db in
            try Row.fetchOne(db, sql: "SELECT id, name, password_hash FROM users WHERE name = ?", arguments: [name])
                .map { row in
                    StoredUser(
                        user: User(id: row["id"], name: row["name"]), passwordHash: row["password_hash"])
                }
        }
    }

    func addUser(name: String, passwordHash: PasswordHash) async throws {
        try await pool.write { db in
            try db.execute(
                sql: "INSERT INTO users (name, password_hash) VALUES (?, ?)", arguments: [name, passwordHash.text])
        }
    }

    /// Keeps a new password.
    ///
    /// - Parameter endingSessions: True when the password itself is another one: whoever knew the old one is logged out.
    /// - Returns: Whether there is such a user.
    func setPassword(of name: String, to hash: PasswordHash, endingSessions: Bool) async throws -> Bool {
        try await pool.write { db in
            try db.execute(
                sql: "UPDATE users SET password_hash = ? WHERE name = ?", arguments: [hash.text, name])
            guard db.changesCount > 0 else { return false }
            if endingSessions {
                try db.execute(
                    sql: "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE name = ?)",
                    arguments: [name])
            }
            return true
        }
    }
}

extension Store {
    /// How many sessions one user may have; the oldest make room for a new one.
    static let maximumSessions = 50

    /// Starts a session; sessions that have expired are removed on this occasion.
    func addSession(for user: Int64, at now: Timestamp, until expiry: Timestamp) async throws -> Secret {
        let random = [UInt8].random(Secret.byteCount)
        return try await pool.write { db in
            try db.execute(sql: "DELETE FROM sessions WHERE expires_at <= ?", arguments: [now.milliseconds])
            try db.execute(
                sql: """
                    DELETE FROM sessions WHERE id IN
                        (SELECT id FROM sessions WHERE user_id = ? ORDER BY id DESC LIMIT -1 OFFSET ?)
                    """,
                arguments: [user, Self.maximumSessions - 1])
            try db.execute(
                sql: "INSERT INTO sessions (user_id, secret_hash, expires_at) VALUES (?, ?, ?)",
                arguments: [user, Data(Secret.hash(of: random)), expiry.milliseconds])
            return Secret(.session, id: db.lastInsertedRowID, random: random)
        }
    }

    /// Whose session a secret opens; nil when it is unknown or has expired.
    func user(ofSession secret: Secret, at now: Timestamp) async throws -> User? {
        try await pool.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT users.id, name, secret_hash FROM sessions JOIN users ON users.id = user_id
                    WHERE sessions.id = ? AND expires_at > ?
                    """,
                arguments: [secret.id, now.milliseconds]
            ).flatMap { row in
                let hash: Data = row["secret_hash"]
                return secret.matches(Array(hash)) ? User(id: row["id"], name: row["name"]) : nil
            }
        }
    }

    func deleteSession(_ id: Int64) async throws {
        try await pool.write { db in
            try db.execute(sql: "DELETE FROM sessions WHERE id = ?", arguments: [id])
        }
    }
}
