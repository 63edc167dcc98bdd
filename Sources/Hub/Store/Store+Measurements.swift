import GRDB

extension Store {
    /// Records measurements in one transaction, in their order.
    ///
    /// - Parameter received: What was recorded before; nil when it is to be read first.
    /// - Returns: What became of each, and what is recorded now.
    func record(
        _ entries: [MeasurementWriter.Entry], _ received: ReceivedKeys?, at now: Timestamp
    ) async throws -> ([MeasurementWriter.Outcome], ReceivedKeys) {
        try await pool.write { db in
            var received = try received ?? ReceivedKeys(db)
            var devices = KnownDevices(db)
            let insertion = try StateInsertion(db)
            var outcomes: [MeasurementWriter.Outcome] = []
            outcomes.reserveCapacity(entries.count)
            for entry in entries {
                if let key = entry.key, received.contains(key) {
                    outcomes.append(.alreadyRecorded)
                    continue
                }
                guard let place = try devices.place(of: entry.target) else {
                    // The base may send it again when the device is known.
                    outcomes.append(.unknownDevice)
                    continue
                }
                if let key = entry.key { received.insert(key, at: now) }
                guard devices[place].isActive else {
                    outcomes.append(.inactive)
                    continue
                }
                try insertion.insert(entry.state, of: devices[place].id)
                devices.note(entry.state, at: place)
                outcomes.append(.recorded(device: devices[place].id))
            }
            try devices.saveNewest(at: now)
            try received.save(db)
            return (outcomes, received)
        }
    }
}
