extension Units {
    /// Lists, reads and allows the units that a new configuration names, or changes nothing.
    ///
    /// - Parameter leases: What says which units are read where they are held by lease.
    /// - Throws: ``UnitsError/tooMany(units:limit:)``; then nothing has changed.
    func adopt(_ new: Configuration, leases: Leases?) async throws(UnitsError) {
        try checkRoom(for: new.clients)
        setListed(new.clients)
        if let leases { await leases.setWanted(new.clients) } else { try await setRead(new.clients) }
        setAllowed(new.allowed)
    }
}
