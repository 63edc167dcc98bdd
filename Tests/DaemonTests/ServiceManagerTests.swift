import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(5))) struct ServiceManagerTests {
    private let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    private func manager(_ environment: [String: String]) -> ServiceManager {
        ServiceManager(environment: environment, process: 77, logger: logger)
    }

    @Test("the watchdog's interval is the manager's, if it is meant for this process and there is somebody to hear")
    func intervals() {
        let intervals = [
            ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "2500000"],
            ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "77"],
            ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "78"],
            ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "0"],
            ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "-1"],
            ["NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "soon"],
            ["NOTIFY_SOCKET": "vsock:2:1", "WATCHDOG_USEC": "2500000"],
            ["NOTIFY_SOCKET": "/n"], ["WATCHDOG_USEC": "2500000"], [:],
        ].map { manager($0).watchdogInterval }
        #expect(intervals == [.seconds(2.5), .seconds(2.5)] + Array(repeating: nil, count: 8))
    }

    @Test("a reload is told when it begins, with the time of the monotonic clock, and when it is over")
    func reload() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "notify").path
            let receiver = try NotifyReceiver(path)
            let before = ContinuousClock.now
            var heard: [String] = []
            await manager(["NOTIFY_SOCKET": path]).reload {
                heard.append((try? await receiver.next()) ?? "nothing")
                return "2 units to read"
            }
            let words = try #require(heard.first).split(separator: "\nMONOTONIC_USEC=")
            #expect(words.first == "RELOADING=1")
            let told = try #require(words.last.flatMap { Int64($0) })
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            let age = Duration.seconds(Int64(now.tv_sec)) + .nanoseconds(Int64(now.tv_nsec)) - .microseconds(told)
            #expect(age >= .zero && age <= before.duration(to: .now) + .milliseconds(1))
            #expect(try await receiver.next() == "READY=1\nSTATUS=2 units to read")
        }
    }

    private struct Part: Service {
        let stopped: @Sendable () async -> Void

        func run() async {
            try? await gracefulShutdown()
            await stopped()
        }
    }

    @Test("the stop is told before anything stops, and what drains goes on being well")
    func stopping() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "notify").path
            let receiver = try NotifyReceiver(path)
            let heard = Mutex<[String]>([])
            let part = Part {
                // The last words before the stop may still wait.
                while let word = try? await receiver.next(), word == "WATCHDOG=1" {}
                heard.withLock { $0.append("after the stop was told") }
                if let word = try? await receiver.next() { heard.withLock { $0.append(word) } }
            }
            let services = manager(["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "100000"]).watching([part], answers: {})
            let group = ServiceGroup(
                configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
            let running = Task { try await group.run() }
            #expect(try await receiver.next() == "WATCHDOG=1")
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(heard.withLock(\.self) == ["after the stop was told", "WATCHDOG=1"])
        }
    }

    @Test("without a manager the services are as they were, and nothing is told")
    func noManager() async {
        let manager = manager([:])
        #expect(manager.watching([Part {}], answers: {}).count == 1)
        manager.tell(.watchdog)
    }
}
