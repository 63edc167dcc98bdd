import Logging
import UnitProtocol

/// Units that come and go while a lease is held.
extension Leases {
    /// Looks at what stands in etcd and does this base's part, for ever.
    func coordinate(_ lease: Int64) async throws {
        while true {
            do {
                try await look(lease)
            } catch LeaseError.unreachable(let reason) {
                // How long that may be, the renewals decide.
                logger.debug("lease.unseen", metadata: ["why": "\(reason)"])
            }
            try await Task.sleep(for: settings.lookPause)
        }
    }

    private func look(_ lease: Int64) async throws {
        let revision = try await client.revision(by: keys.bases)
        if revision != view?.revision || !isSettled {
            isSettled = false
            let fresh = try await fetchView()
            guard isHolding(lease) else { return }
            view = fresh
            try await act(on: fresh, lease)
        }
        for unit in onDemand {
            if let token = held[unit], await units.isIdle(unit) { release([unit: token]) }
        }
    }

    private func fetchView() async throws -> ClusterView {
        let (revision, pairs) = try await client.pairs(under: keys.prefix + "/", limit: Self.keyLimit)
        var view = ClusterView(revision: revision)
        for pair in pairs where pair.lease != 0 {
            if let base = keys.baseName(of: pair.key) {
                view.bases[base] = ClusterView.Base(lease: pair.lease, digest: pair.value)
            } else if let unit = keys.unit(of: pair.key) {
                view.units[unit] = ClusterView.Ownership(lease: pair.lease, token: pair.createRevision)
            }
        }
        return view
    }

    private func act(on view: ClusterView, _ lease: Int64) async throws {
        guard view.bases[name]?.lease == lease else {
            guard try await client.create(keys.base(name), Rendezvous.digest(wanted), lease: lease) != nil else {
                throw LeaseError.nameTaken(name)
            }
            return
        }
        await dropTaken(view, lease)
        let present = Set(view.units.values.map(\.token))
        leaving = leaving.filter { $0 > view.revision || present.contains($0) }
        let plan = OwnershipPlan(
            me: name, lease: lease, view: view, wanted: wanted, onDemand: onDemand.union(acquiring), leaving: leaving)
        release(plan.release)
        for (unit, token) in plan.keep where held[unit] == nil && !acquiring.contains(unit) {
            await take(unit, token, lease)
        }
        try await acquire(plan.acquire, lease)
        isSettled = plan.acquire.isEmpty && plan.release.isEmpty && leaving.isEmpty
        noteState()
    }

    /// Somebody has deleted keys that are this base's: another one may hold the units already.
    private func dropTaken(_ view: ClusterView, _ lease: Int64) async {
        for (unit, token) in held where token <= view.revision {
            let there = view.units[unit]
            guard there?.token != token || there?.lease != lease else { continue }
            logger.warning("unit.taken", metadata: ["unit": "\(unit)", "token": "\(token)"])
            forget(unit)
            await units.end(unit, within: .zero)
        }
    }

    private func acquire(_ wanted: [IPv4Address], _ lease: Int64) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, unit) in wanted.enumerated() {
                if place >= Self.concurrency { try await group.next() }
                group.addTask { _ = try await self.acquire(unit, lease) }
            }
            try await group.waitForAll()
        }
    }

    /// Makes a unit's key, and lets the unit be dialled then.
    ///
    /// - Returns: Whether this base holds it now.
    func acquire(_ unit: IPv4Address, _ lease: Int64) async throws -> Bool {
        if held[unit] != nil { return true }
        guard isHolding(lease), acquiring.insert(unit).inserted else { return false }
        defer { acquiring.remove(unit) }
        guard let token = try await client.create(keys.unit(unit), name, lease: lease) else { return false }
        return await take(unit, token, lease)
    }

    @discardableResult
    private func take(_ unit: IPv4Address, _ token: Int64, _ lease: Int64) async -> Bool {
        guard isHolding(lease), !leaving.contains(token) else { return false }
        held[unit] = token
        let isRead = wanted.contains(unit)
        if !isRead { onDemand.insert(unit) }
        logger.info("unit.acquired", metadata: ["unit": "\(unit)", "token": "\(token)"])
        await units.hold(unit, token: token, lease: lease, isRead: isRead)
        guard held[unit] == token else { return false }
        _ = gate.withLock { $0.held.insert(unit) }
        return true
    }

    private func forget(_ unit: IPv4Address) {
        held[unit] = nil
        onDemand.remove(unit)
        _ = gate.withLock { $0.held.remove(unit) }
    }

    /// Leaves units, and deletes their keys when their sockets are closed; in the background.
    private func release(_ all: [IPv4Address: Int64]) {
        // One that is being acquired has its turn at the next look.
        let new = all.filter { !releasing.contains($0.value) && !acquiring.contains($0.key) }
        guard !new.isEmpty else { return }
        for (unit, token) in new {
            leaving.insert(token)
            releasing.insert(token)
            if held[unit] == token { forget(unit) }
        }
        Task {
            await withTaskGroup(of: Void.self) { group in
                for (place, next) in new.enumerated() {
                    if place >= Self.concurrency { await group.next() }
                    group.addTask { await self.finishRelease(next.key, next.value) }
                }
            }
        }
    }

    private func finishRelease(_ unit: IPv4Address, _ token: Int64) async {
        defer { releasing.remove(token) }
        await units.end(unit, within: Self.releaseLimit)
        do {
            try await client.delete(keys.unit(unit), token: token)
            logger.info("unit.given", metadata: ["unit": "\(unit)", "token": "\(token)"])
        } catch {
            // It is tried again as long as the key is seen.
            logger.debug("unit.ungiven", metadata: ["unit": "\(unit)", "why": "\(error)"])
        }
    }
}
