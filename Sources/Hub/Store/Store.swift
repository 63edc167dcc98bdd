import Foundation
import GRDB

/// All that the hub keeps, in one SQLite database in WAL mode.
///
/// Readers do not wait for the writer. `synchronous` is FULL: what is committed survives a loss of power, and
/// ``MeasurementWriter`` makes that affordable by sharing one commit among all that is waiting.
struct Store: Sendable {
    /// How long the log may become, in pages of 4 KiB, before it is written into the database file: what a page takes up until
    /// then is written there once.
    private static let logPages = 4000

    let pool: DatabasePool

    /// Opens the database of a state directory, makes it when it is missing and brings its schema up to date.
    ///
    /// - Throws: ``HubError/disk(database:reason:)``, ``HubError/database(path:reason:)``, or what makes the file unusable.
    init(in directory: StateDirectory) throws {
        do {
            try self.init(opening: directory)
        } catch let error as DatabaseError {
            throw Self.reason(error, path: directory.database.path)
        }
    }

    /// Why a database cannot be used. To put another one in its place is no remedy for a full disk.
    static func reason(_ error: DatabaseError, path: String) -> HubError {
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY: return .disk(database: path, reason: reason)
        default: return .database(path: path, reason: reason)
        }
    }

    private init(opening directory: StateDirectory) throws {
        try directory.makePrivate(directory.database)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.label = "hub"
        pool = try DatabasePool(path: directory.database.path, configuration: configuration)
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.logPages)")
        }
        try Schema.migrator.migrate(pool)
    }

    /// Writes what is in the log into the database file and closes it. Nothing may be asked of the store afterwards.
    func close() throws {
        // SQLite removes the log when the last connection goes, and only a writer can: the readers go first.
        pool.invalidateReadOnlyConnections()
        try pool.close()
    }
}
