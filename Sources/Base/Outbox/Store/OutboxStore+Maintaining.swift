/// What is done when its time has come.
extension OutboxStore {
    func maintain() {
        let now = clock.monotonic()
        if now - lastLook >= Self.lookPauses.lowerBound { look() }
        if case .interval(let pause) = settings.sync, isDirty, now - lastSync >= pause { syncOrDegrade() }
        expire(now)
        if let degradation, now >= degradation.nextProbe { probe() }
        removeLeftovers()
        _ = compact()
        if !blocked.isEmpty { settle() }
        roundDrops = []
    }

    /// When ``maintain()`` has something to do next, if nothing else happens.
    var nextMaintenance: Duration {
        var moments = [lastLook + Self.lookPauses.upperBound]
        if case .interval(let pause) = settings.sync, isDirty { moments.append(lastSync + pause) }
        if let degradation { moments.append(degradation.nextProbe) }
        if let first = blocked.first { moments.append(first.deadline) }
        if let age = settings.maximumAge {
            if let oldest = segments.first(where: { $0.live > 0 }) { moments.append(oldest.newest + age) }
            if active != nil, segments.last?.live ?? 0 > 0 { moments.append(activeSince + age / 16) }
        }
        if mayCompact, degradation == nil { moments.append(clock.monotonic()) }
        return moments.reduce(moments[0], min)
    }

    private func expire(_ now: Duration) {
        guard let age = settings.maximumAge else { return }
        // A segment goes as a whole, so none may stay open for long.
        if active != nil, !isVanished, segments.last?.records ?? 0 > 0, now - activeSince >= age / 16 {
            do {
                try seal()
            } catch {
                degrade(error)
            }
        }
        for segment in segments where segment.live > 0 && now - segment.newest >= age { giveUp(segment, .expired) }
    }

    private func removeLeftovers() {
        guard !leftovers.isEmpty else { return }
        let names = leftovers
        leftovers = []
        do {
            try files.syncFolder()
            remove(names)
        } catch {
            leftovers = names
        }
    }
}
