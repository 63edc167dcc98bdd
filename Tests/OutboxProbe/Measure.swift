import Base
import Foundation
import UnitProtocol

/// Prints how many records a second are appended, read and acknowledged, and what that takes.
func measure(_ folder: String) async throws {
    say("appended in batches of 1000 by 8 tasks, 2000 units:")
    for (name, sync) in [
        ("always", OutboxSettings.SyncPolicy.always), ("interval 200 ms", .interval(.milliseconds(200))),
        ("never", .never),
    ] {
        let place = "\(folder)/\(name.prefix(5))"
        var settings = OutboxSettings()
        settings.sync = sync
        settings.maximumBytes = 1024 * 1024 * 1024
        let outbox = try Outbox(folder: place, settings: settings) { say("  told: \($0)") }
        let count = sync == .always ? 500_000 : 2_000_000
        let took = try await time { try await append(count, to: outbox, tasks: 8, batch: 1000) }
        let single = try await time { try await append(count / 10, to: outbox, tasks: 200, batch: 1) }
        let status = try await outbox.status()
        say(
            "  \(name): \(rate(count, took)), \(status.indexBytes / max(1, status.waiting)) bytes of index a record; "
                + "one by one by 200 tasks: \(rate(count / 10, single))")
        await outbox.close()
        if sync == .never { try await drain(place, settings) }
    }
    say("memory: \(residentKilobytes() / 1024) MiB")
}

private func append(_ count: Int, to outbox: Outbox, tasks: Int, batch size: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            group.addTask {
                for batch in 0..<count / tasks / size {
                    let measurements = try (0..<size).map { index in
                        try measurement(UInt32((task * size + index) % 2000), "\((batch * 7 + index) % 1024)")
                    }
                    let result = await outbox.append(measurements)
                    guard result.place == .disk else { throw OutboxError.settings("\(result.place)") }
                }
            }
        }
        try await group.waitForAll()
    }
}

private func drain(_ folder: String, _ settings: OutboxSettings) async throws {
    var opened: Outbox?
    let took = try await time { opened = try Outbox(folder: folder, settings: settings) { say("  told: \($0)") } }
    guard let outbox = opened else { return }
    say("opened again: \(rate(outbox.repair.waiting, took))")
    let delivered = try await time {
        for unit in outbox.left.keys {
            while case let records = try await outbox.records(of: unit, limit: 1000), !records.isEmpty {
                outbox.acknowledge(records.map(\.reference))
            }
        }
    }
    say("read and acknowledged: \(rate(outbox.repair.waiting, delivered))")
    await outbox.close()
}

private func time(_ body: () async throws -> Void) async throws -> Duration {
    let start = ContinuousClock.now
    try await body()
    return ContinuousClock.now - start
}

private func rate(_ count: Int, _ duration: Duration) -> String {
    "\(Int(Double(count) / (duration / .seconds(1)))) records/s (\(count) in \(Int(duration / .milliseconds(1))) ms)"
}

private func residentKilobytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}
