import Logging
import UnitProtocol

/// Units that come and go while a lease is held.
extension Leases {
    /// Looks at what stands in etcd and does this base's part, for ever.
    func coordinate(_ lease: Int64) async throws {
        while true {
            do {
                try await look(lease)
                isBlind = false
            } catch let error as LeaseError where error.mayPass {
                // How long that may be, the renewals decide.
                logger.log(level: isBlind ? .debug : .warning, "lease.unseen", metadata: ["why": "\(error)"])
                isBlind = true
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
        let digest = Rendezvous.digest(wanted)
        guard view.bases[name]?.digest == digest else {
            return try await client.put(keys.base(name), digest, lease: lease)
        }
        await dropTaken(view, lease)
        leaving = leaving.filter { $0.token > view.revision || view.units[$0.unit]?.token == $0.token }
        let planned = wanted
        let plan = OwnershipPlan(
            me: name, lease: lease, view: view, wanted: wanted, onDemand: onDemand.union(acquiring), leaving: leaving,
            most: units.mostRead)
        release(plan.release)
        for (unit, token) in plan.keep where held[unit] == nil && !acquiring.contains(unit) {
            await take(unit, token, lease)
        }
        try await acquire(plan.acquire, lease)
        // Others may be wanted since.
        isSettled = plan.acquire.isEmpty && plan.release.isEmpty && leaving.isEmpty && wanted == planned
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

    /// Makes units' keys, and lets those units be dialled then.
    ///
    /// - Returns: Whether this base holds all of them now.
    @discardableResult
    func acquire(_ wanted: [IPv4Address], _ lease: Int64) async throws -> Bool {
        var rest = wanted.filter { held[$0] == nil }[...]
        while !rest.isEmpty {
            let batch = rest.prefix(EtcdClient.mostTogether).filter { !acquiring.contains($0) }
            rest = rest.dropFirst(EtcdClient.mostTogether)
            guard isHolding(lease) else { return false }
            guard !batch.isEmpty else { continue }
            acquiring.formUnion(batch)
            defer { acquiring.subtract(batch) }
            let tokens = try await client.create(batch.map { keys.unit($0) }, name, lease: lease)
            for case (let unit, let token?) in zip(batch, tokens) { await take(unit, token, lease) }
        }
        return wanted.allSatisfy { held[$0] != nil }
    }

    private func take(_ unit: IPv4Address, _ token: Int64, _ lease: Int64) async {
        guard isHolding(lease), !leaving.contains(Tenure(unit: unit, token: token)) else { return }
        held[unit] = token
        let isRead = wanted.contains(unit)
        if !isRead { onDemand.insert(unit) }
        logger.info("unit.acquired", metadata: ["unit": "\(unit)", "token": "\(token)"])
        guard await units.hold(unit, token: token, lease: lease, isRead: isRead) else {
            return giveUp(Tenure(unit: unit, token: token), lease)
        }
        if held[unit] == token { _ = gate.withLock { $0.held.insert(unit) } }
    }

    /// Has the next look give up a unit for which there is no connection left: another base may have one, or this one later.
    func giveUp(_ tenure: Tenure, _ lease: Int64) {
        guard isHolding(lease), held[tenure.unit] == tenure.token else { return }
        leaving.insert(tenure)
        forget(tenure.unit)
        isSettled = false
    }

    private func forget(_ unit: IPv4Address) {
        held[unit] = nil
        onDemand.remove(unit)
        _ = gate.withLock { $0.held.remove(unit) }
    }

    /// Leaves units, and deletes their keys when their sockets are closed; in the background.
    private func release(_ all: [IPv4Address: Int64]) {
        // One that is being acquired has its turn at the next look.
        let new = all.filter { !acquiring.contains($0.key) }.map { Tenure(unit: $0.key, token: $0.value) }
            .filter { releasing.insert($0).inserted }
        guard !new.isEmpty else { return }
        for tenure in new {
            leaving.insert(tenure)
            if held[tenure.unit] == tenure.token { forget(tenure.unit) }
        }
        Task {
            await withTaskGroup(of: Void.self) { group in
                for (place, tenure) in new.enumerated() {
                    if place >= Self.concurrency { await group.next() }
                    group.addTask { await self.leave(tenure) }
                }
            }
        }
    }

    private func leave(_ tenure: Tenure) async {
        await units.end(tenure.unit, within: Self.releaseLimit)
        closed.append(tenure)
        guard !isDeleting else { return }
        isDeleting = true
        defer { isDeleting = false }
        while !closed.isEmpty { await deleteClosed() }
    }

    private func deleteClosed() async {
        let batch = closed.prefix(EtcdClient.mostTogether)
        closed.removeFirst(batch.count)
        defer { releasing.subtract(batch) }
        do {
            try await client.delete(batch.map { (keys.unit($0.unit), $0.token) })
            for tenure in batch {
                logger.info("unit.given", metadata: ["unit": "\(tenure.unit)", "token": "\(tenure.token)"])
            }
        } catch {
            // It is tried again as long as the keys are seen.
            logger.debug("units.ungiven", metadata: ["count": "\(batch.count)", "why": "\(error)"])
        }
    }
}
