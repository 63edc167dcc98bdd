import GRDB

/// The tables, as a list of steps. A step that has been released is never edited; a new one is added.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 devices") { db in
            try db.execute(sql: devices)
        }
        migrator.registerMigration("2 accounts") { db in
            try db.execute(sql: accounts)
        }
        migrator.registerMigration("3 received measurements") { db in
            try db.execute(sql: receivedRuns)
        }
        migrator.registerMigration("4 states by device alone") { db in
            // Each measurement would be written there once more, for the retention only, which goes by device.
            try db.execute(sql: "DROP INDEX device_states_by_time")
        }
        migrator.registerMigration("5 tokens of devices") { db in
            try db.execute(sql: deviceTokens)
        }
        return migrator
    }

    /// Ids are never used twice (AUTOINCREMENT): the states of a deleted device are removed in the background, and
    /// must not turn up in the history of a new one. `pruned_devices` says which are still to be removed.
    private static let devices = """
        CREATE TABLE devices (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            uuid TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('read', 'updatable')),
            address TEXT NOT NULL UNIQUE,
            active INTEGER NOT NULL CHECK (active IN (0, 1)),
            last_value TEXT,
            last_at INTEGER
        ) STRICT;
        CREATE TABLE device_states (
            id INTEGER PRIMARY KEY,
            device_id INTEGER NOT NULL,
            value TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX device_states_by_device ON device_states (device_id, at);
        CREATE INDEX device_states_by_time ON device_states (at);
        CREATE TABLE pruned_devices (device_id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE dashboard_blocks (
            device_id INTEGER PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
            position INTEGER NOT NULL
        ) STRICT;
        """

    /// Which measurements each run of a base has delivered, as ranges of its sequence: see ``ReceivedKeys``.
    private static let receivedRuns = """
        CREATE TABLE received_runs (
            run TEXT NOT NULL PRIMARY KEY,
            ranges TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        """

    private static let accounts = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL
        ) STRICT;
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            secret_hash BLOB NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sessions_by_user ON sessions (user_id);
        CREATE INDEX sessions_by_expiry ON sessions (expires_at);
        CREATE TABLE api_tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            ability TEXT NOT NULL CHECK (ability IN ('admin', 'read', 'base')),
            secret_hash BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER
        ) STRICT;
        """

    /// A CHECK cannot be changed, so the table is written anew; ids of revoked tokens are still not used twice.
    private static let deviceTokens = """
        CREATE TABLE new_api_tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            ability TEXT NOT NULL CHECK (ability IN ('admin', 'read', 'base', 'device')),
            secret_hash BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER
        ) STRICT;
        INSERT INTO new_api_tokens SELECT id, name, ability, secret_hash, created_at, last_used_at FROM api_tokens;
        UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'api_tokens')
            WHERE name = 'new_api_tokens';
        DROP TABLE api_tokens;
        ALTER TABLE new_api_tokens RENAME TO api_tokens;
        """
}
