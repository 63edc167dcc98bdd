import Base
import Foundation
import Synchronization

/// Appends while no file of this process may grow over 2 KiB, then without that limit, and prints what it is told.
func fill(_ folder: String) async throws {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let most = limit
    limit.rlim_cur = 2048
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    var settings = OutboxSettings()
    settings.sync = .always
    settings.probePauses = .milliseconds(20) ... .milliseconds(100)
    let (events, told) = AsyncStream.makeStream(of: OutboxEvent.self)
    let outbox = try Outbox(folder: folder, settings: settings) { told.yield($0) }
    var places: [AppendResult.Place] = []
    for index in 0..<100 { places.append(await outbox.append([try measurement(1, "\(index)")]).place) }
    say("on disk: \(places.prefix { $0 == .disk }.count), then in memory: \(places.filter { $0 == .memory }.count)")
    limit = most
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    for await event in events {
        say("\(event)")
        if case .recovered = event { break }
    }
    say("again on disk: \(await outbox.append([try measurement(1, "100")]).place == .disk)")
    await outbox.close()
}
