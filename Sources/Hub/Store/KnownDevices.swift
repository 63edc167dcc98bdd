import GRDB
import UnitProtocol

/// The devices that the measurements of one transaction belong to, each looked up once, and the newest that came of each.
struct KnownDevices {
    struct Known {
        let id: Int64
        let isActive: Bool
        fileprivate(set) var newest: Device.State?
    }

    private let db: Database
    private var known: [Known] = []
    /// Places in `known`; nil for what is no device.
    private var places: [MeasurementWriter.Target: Int?] = [:]
    /// What was asked for last: measurements of a unit come one after the other.
    private var latest: (target: MeasurementWriter.Target, place: Int?)?

    init(_ db: Database) {
        self.db = db
    }

    subscript(place: Int) -> Known { known[place] }

    /// - Returns: Nil when there is no such device.
    mutating func place(of target: MeasurementWriter.Target) throws -> Int? {
        if let latest, latest.target == target { return latest.place }
        let place: Int?
        if let found = places[target] {
            place = found
        } else {
            place = try find(target).map { device in
                known.append(device)
                return known.count - 1
            }
            places[target] = .some(place)
        }
        latest = (target, place)
        return place
    }

    mutating func note(_ state: Device.State, at place: Int) {
        if let newest = known[place].newest, newest.at > state.at { return }
        known[place].newest = state
    }

    /// What comes late is history and takes no newer value's place; a value from the future is no newer one: the clock was
    /// wrong then.
    func saveNewest(at now: Timestamp) throws {
        let update = try db.cachedStatement(
            sql: """
                UPDATE devices SET last_value = ?, last_at = ?
                WHERE id = ? AND (last_at IS NULL OR last_at <= ? OR last_at > ?)
                """)
        for device in known {
            guard let newest = device.newest else { continue }
            let at = newest.at.milliseconds
            try update.execute(arguments: [newest.value, at, device.id, at, now.milliseconds])
        }
    }

    private func find(_ target: MeasurementWriter.Target) throws -> Known? {
        let row: Row?
        switch target {
        case .address(let address):
            let statement = try db.cachedStatement(sql: "SELECT id, active FROM devices WHERE address = ?")
            row = try Row.fetchOne(statement, arguments: ["\(address)"])
        case .device(let id):
            let statement = try db.cachedStatement(sql: "SELECT id, active FROM devices WHERE id = ?")
            row = try Row.fetchOne(statement, arguments: [id])
        }
        return row.map { Known(id: $0["id"], isActive: $0["active"]) }
    }
}
