import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import UnitProtocol

@testable import Hub

/// Measurements on their way into the database.
struct MeasurementWriterTests {
    private static let now = Timestamp(milliseconds: 1_750_000_000_000)

    private func withStore<Value>(
        _ body: (Store, _ devices: [Device]) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { folder in
            let store = try Store(in: StateDirectory.create(at: folder.appending(path: "hub").path))
            defer { try? store.close() }
            var devices: [Device] = []
            for index in 1...3 {
                devices.append(
                    try await store.addDevice(
                        uuid: UUID(), name: "u\(index)", kind: .read, address: Self.address(index), active: index < 3))
            }
            return try await body(store, devices)
        }
    }

    private static func address(_ index: Int) -> IPv4Address { IPv4Address(bits: 0x0A00_0000 + UInt32(index)) }

    private func entry(
        _ unit: Int, _ value: String, at milliseconds: Int64 = 0, _ sequence: Int? = nil
    ) -> MeasurementWriter.Entry {
        MeasurementWriter.Entry(
            target: .address(Self.address(unit)),
            state: Device.State(value: value, at: Timestamp(milliseconds: Self.now.milliseconds + milliseconds)),
            key: sequence.flatMap { MeasurementKey("00112233445566778899aabbccddeeff-\($0)") })
    }

    private func writer(_ store: Store) -> MeasurementWriter { MeasurementWriter(store: store, now: { Self.now }) }

    private func history(_ device: Device, _ store: Store) async throws -> [Device.State] {
        try await store.states(of: device.id, from: nil, to: nil, limit: 100)
    }

    @Test(
        "Each measurement of a commit has its own outcome, a key counts once, and the newest in time is the last state")
    func mixture() async throws {
        try await withStore { store, devices in
            let writer = writer(store)
            var entries = [
                entry(1, "a", at: 5, 1), entry(2, "é😀", at: 1, 2), entry(1, "a", at: 5, 1), entry(9, "x", at: 1, 3),
                entry(3, "y", at: 1, 4), entry(3, "y", at: 1, 4), entry(1, "late", at: -9, 5), entry(1, "b", at: 5, 6),
                entry(9, "x", at: 1, 3),
            ]
            entries.append(.init(target: .device(devices[1].id), state: entry(2, "", at: 2).state))
            let (first, second) = (devices[0].id, devices[1].id)
            #expect(
                try await writer.record(entries) == [
                    .recorded(device: first), .recorded(device: second), .alreadyRecorded, .unknownDevice, .inactive,
                    .alreadyRecorded, .recorded(device: first), .recorded(device: first), .unknownDevice,
                    .recorded(device: second),
                ])
            let again = try await self.writer(store).record(Array(entries.prefix(4)))
            #expect(again == [.alreadyRecorded, .alreadyRecorded, .alreadyRecorded, .unknownDevice])
            #expect(
                try await history(devices[0], store)
                    == [entry(1, "late", at: -9).state, entry(1, "a", at: 5).state, entry(1, "b", at: 5).state])
            #expect(
                try await history(devices[1], store) == [entry(2, "é😀", at: 1).state, entry(2, "", at: 2).state])
            let last = try await store.devices().map(\.lastState)
            #expect(last == [entry(1, "b", at: 5).state, entry(2, "", at: 2).state, nil])
        }
    }

    @Test("A database that is full takes none of a commit, and all of it when there is room again")
    func full() async throws {
        try await withStore { store, devices in
            let writer = writer(store)
            let entries = (1...500).map { entry(1 + $0 % 2, String(repeating: "x", count: 200), at: Int64($0), $0) }
            let pages = try await store.pool.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
                return pages
            }
            let error = await #expect(throws: DatabaseError.self) { try await writer.record(entries) }
            #expect(error?.resultCode == .SQLITE_FULL)
            #expect(try await history(devices[0], store) == [])
            try await store.pool.write { db in try db.execute(sql: "PRAGMA max_page_count = \(pages + 1000)") }
            let outcomes = try await writer.record(entries)
            #expect(outcomes == (1...500).map { .recorded(device: devices[$0 % 2].id) })
        }
    }

    @Test("A schema that cannot be brought up to date for want of room is no reason to throw the database away")
    func noRoom() {
        let path = "/state/hub.sqlite"
        for (code, reason) in [
            (ResultCode.SQLITE_FULL, "database or disk is full"), (.SQLITE_IOERR_SHMSIZE, "disk I/O error"),
        ] {
            #expect(
                Store.reason(DatabaseError(resultCode: code, message: reason), path: path)
                    == .disk(database: path, reason: reason))
        }
        #expect(
            Store.reason(DatabaseError(resultCode: .SQLITE_CORRUPT, message: "torn"), path: path)
                == .database(path: path, reason: "torn"))
    }

    @Test("Requests that share a commit are answered each with its own outcomes")
    func shared() async throws {
        try await withStore { store, devices in
            let commits = Mutex(0)
            let writer = MeasurementWriter(store: store) {
                commits.withLock { $0 += 1 }
                return Self.now
            }
            let answers = try await withThrowingTaskGroup(of: (Int, [MeasurementWriter.Outcome]).self) { group in
                for request in 0..<20 {
                    group.addTask {
                        let entries = (0..<request).map {
                            entry($0 % 2 == 0 ? 1 : 9, "\(request)", at: 0, request * 100 + $0)
                        }
                        return (request, try await writer.record(entries))
                    }
                }
                return try await group.reduce(into: [Int: [MeasurementWriter.Outcome]]()) { $0[$1.0] = $1.1 }
            }
            for request in 0..<20 {
                let expected = (0..<request).map { number -> MeasurementWriter.Outcome in
                    number % 2 == 0 ? .recorded(device: devices[0].id) : .unknownDevice
                }
                #expect(answers[request] == expected)
            }
            #expect((1..<20).contains(commits.withLock(\.self)))
        }
    }

    @Test(
        "A last state that lies in the future was of a wrong clock, and gives way; one that is later than what comes does not"
    )
    func future() async throws {
        try await withStore { store, devices in
            let writer = writer(store)
            func last() async throws -> String? { try await store.device(devices[0].id)?.lastState?.value }
            for (value, at, expected) in [
                ("far", 5000, "far"), ("now", 0, "now"), ("late", -10, "now"),
                ("at the same moment", 0, "at the same moment"),
            ] as [(String, Int64, String)] {
                _ = try await writer.record(entry(1, value, at: at))
                #expect(try await last() == expected)
            }
        }
    }

    @Test("Of a request, pages see the newest of each device that was recorded, and of the same moment the last")
    func newest() throws {
        let entries = [
            entry(1, "a", at: 5), entry(1, "late", at: 1), entry(2, "x", at: 3), entry(2, "y", at: 3),
            entry(3, "z", at: 9),
        ]
        let outcomes: [MeasurementWriter.Outcome] = [
            .recorded(device: 1), .recorded(device: 1), .recorded(device: 2), .recorded(device: 2), .alreadyRecorded,
        ]
        #expect(
            BatchWebhookRoutes.newest(entries, outcomes) == [
                1: entry(1, "a", at: 5).state, 2: entry(2, "y", at: 3).state,
            ])
    }
}
