import Foundation

/// Asks a hub for its measurements, ten times a second, and tells what is new.
actor HubWatch {
    nonisolated let measurements: [String: Heard<HubMeasurement>]
    private let bench: Bench
    private var task: Task<Void, Never>?
    /// What is known already, so that only what is new is told.
    private var known: [Int: [String: Int]] = [:]
    private var newest: [Int: Int] = [:]
    /// Looks are numbered from 1.
    private var begun = 0
    private var succeeded = 0
    /// Why the last look was none.
    private var trouble: (any Error)?

    private static let pause = Duration.milliseconds(100)
    /// What is filed later than so is not looked for any more, in milliseconds.
    private static let overlap = 600_000

    init(bench: Bench, units: [String]) {
        self.bench = bench
        measurements = Dictionary(uniqueKeysWithValues: units.map { ($0, Heard()) })
    }

    func begin(_ api: HubAPI, _ devices: [HubAPI.Device]) {
        task = Task { [weak self] in
            while !Task.isCancelled {
                await self?.look(api, devices)
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Ends, with one more look where there is still somebody to look at.
    func end(lastLook: (api: HubAPI, devices: [HubAPI.Device])? = nil) async {
        // One look at a time: an older answer that came after a newer one would make old measurements new.
        task?.cancel()
        await task?.value
        task = nil
        if let lastLook { await look(lastLook.api, lastLook.devices) }
    }

    /// Returns when all is known that has reached the hub before the call.
    ///
    /// - Throws: ``HILError/failed(_:)`` where no hub runs, or it gives no answer until the task is cancelled;
    ///   ``HILError/infrastructure(_:)`` where its disk is full.
    func catchUp() async throws {
        let wanted = begun + 1
        while succeeded < wanted {
            guard task != nil else { throw HILError.failed("no hub runs: nothing can be said of what it has") }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                if let own = trouble as? HILError, own.isInfrastructure { throw own }
                let why = trouble.map { " (\($0))" } ?? ""
                throw HILError.failed("the hub does not answer\(why): nothing can be said of what it has")
            }
        }
    }

    private func look(_ api: HubAPI, _ devices: [HubAPI.Device]) async {
        begun += 1
        let number = begun
        do {
            for device in devices where device.kind == .read {
                try take(
                    try await api.states(of: device, from: newest[device.id].map { $0 - Self.overlap }), of: device)
            }
            succeeded = number
        } catch {
            trouble = error
        }
    }

    private func take(_ states: [HubAPI.State], of device: HubAPI.Device) throws {
        let wall = Int(Date().timeIntervalSince1970 * 1000)
        var seen: [String: Int] = [:]
        for state in states {
            guard let at = HubTime.milliseconds(state.at) else {
                throw HILError.failed("it has a measurement of \(device.unit) at \(state.at), which is no time")
            }
            let key = "\(state.at) \(state.value)"
            seen[key, default: 0] += 1
            guard seen[key, default: 0] > known[device.id]?[key] ?? 0 else { continue }
            let measurement = HubMeasurement(value: state.value, at: at, lag: .milliseconds(max(0, wall - at)))
            measurements[device.unit]?.append(measurement, at: bench.now)
            bench.tell(.hub, device.unit, "measurement \(state.value)")
            newest[device.id] = max(newest[device.id] ?? at, at)
        }
        known[device.id] = seen
    }
}
