import Foundation
import LiveStream
import Logging
import ServiceLifecycle

/// A simulated unit that streams numbers to whoever watches, as ``InterfaceState`` says.
struct SimulatedInterface: Service {
    let state: InterfaceState
    let stream: LiveStream
    /// Its number at the hub.
    let device: Int
    let seed: UInt64
    /// Called once, when it has its place at the hub.
    let ready: @Sendable () throws -> Void

    /// - Throws: ``InterfaceError/refused(device:why:)`` where the hub does not let it in the first time; later it tries again.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await stream.run() }
                group.addTask { await makeSamples() }
                group.addTask { try await awaitPlace() }
                try await withTaskCancellationHandler {
                    try await group.waitForAll()
                } onCancel: {
                    Task { await stream.stop() }
                }
            }
        }
    }

    private func awaitPlace() async throws {
        for await phase in stream.phases {
            switch phase {
            case .open: return try ready()
            case .refused(let why, _): throw InterfaceError.refused(device: device, why: why)
            case .connecting, .waiting, .stopped: break
            }
        }
    }

    private func makeSamples() async {
        let clock = ContinuousClock()
        let start = clock.now
        var sequence: UInt32 = 0
        var maker: SampleMaker?
        var choice = state.choice
        // A change ends the pause before the next sample, or the wait for a start.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = state.changes()
        let watching = Task { for await _ in changes { wake.yield() } }
        defer { watching.cancel() }
        var waiting = wakes.makeAsyncIterator()
        while !Task.isCancelled {
            let wanted = state.choice
            let hasChanged =
                wanted.isRunning != choice.isRunning || wanted.rate != choice.rate
                || wanted.signal.name != choice.signal.name
            if hasChanged { (choice, maker) = (wanted, nil) }
            guard choice.isRunning else {
                guard await waiting.next() != nil else { return }
                continue
            }
            var current =
                maker ?? SampleMaker(choice.signal.signal, rate: choice.rate, seed: seed, from: clock.now - start)
            let (now, wall) = (clock.now - start, Date().liveMilliseconds)
            let samples = current.take(by: now)
            for (moment, value) in samples {
                let time = wall - (now - moment) / .milliseconds(1)
                stream.send(LiveSample(sequence: sequence, time: time, value: Double(value)))
                sequence &+= 1
            }
            state.count(samples.count)
            maker = current
            // A change of a slow stream waits a tenth of a second at most.
            let pause = min(start + current.due, clock.now + .milliseconds(100))
            try? await clock.sleep(until: pause, tolerance: .zero)
        }
    }
}
