import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import Hub

/// What is removed of the history, and in which bites.
struct StorePruningTests {
    @Test("Old states go in bites, of each device; those of a deleted device go whatever their age; the rest stays")
    func pruning() async throws {
        try await withTemporaryDirectory { folder in
            let store = try Store(in: StateDirectory.create(at: folder.appending(path: "hub").path))
            defer { try? store.close() }
            @Sendable func at(_ hours: Int) -> Timestamp {
                Timestamp(milliseconds: 1_750_000_000_000 + Int64(hours) * 3_600_000)
            }
            let writer = MeasurementWriter(store: store, now: { at(100) })
            var devices: [Int64] = []
            for index in 1...3 {
                let address = IPv4Address(bits: 0x0A00_0000 + UInt32(index))
                let device = try await store.addDevice(
                    uuid: UUID(), name: "u\(index)", kind: .read, address: address, active: true)
                devices.append(device.id)
                _ = try await writer.record(
                    (0..<10).map { hour in
                        .init(target: .device(device.id), state: Device.State(value: "\(index)-\(hour)", at: at(hour)))
                    })
            }
            func kept() async throws -> [String] {
                var values: [String] = []
                for device in devices {
                    values += try await store.states(of: device, from: nil, to: nil, limit: 100).map(\.value)
                }
                return values
            }
            func values(_ index: Int, _ hours: Range<Int>) -> [String] { hours.map { "\(index)-\($0)" } }

            #expect(try await store.prune(olderThan: at(0), limit: 4) == 0)
            #expect(try await store.prune(olderThan: at(3), limit: 4) == 4)
            #expect(try await kept() == values(1, 3..<10) + values(2, 1..<10) + values(3, 0..<10))
            #expect(try await store.prune(olderThan: at(3), limit: 6) == 5)
            #expect(try await kept() == values(1, 3..<10) + values(2, 3..<10) + values(3, 3..<10))
            #expect(try await store.deleteDevice(devices[1]))
            #expect(try await store.prune(olderThan: at(4), limit: 5) == 5)
            #expect(try await kept() == values(1, 4..<10) + values(2, 6..<10) + values(3, 4..<10))
            #expect(try await store.prune(olderThan: at(4), limit: 5) == 4)
            #expect(try await store.prune(olderThan: at(4), limit: 5) == 0)
            #expect(try await kept() == values(1, 4..<10) + values(3, 4..<10))
            // A last state stays, however old it is.
            #expect(try await store.prune(olderThan: at(50), limit: 100) == 12)
            #expect(try await store.devices().map(\.lastState?.value) == ["1-9", "3-9"])
        }
    }
}
