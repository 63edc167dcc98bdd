import GRDB
import Testing

@testable import Hub

/// What the hub remembers of measurements.
struct ReceivedKeysTests {
    private static let run = "00112233445566778899aabbccddeeff"

    private func key(_ sequence: Int64) throws -> MeasurementKey {
        try #require(MeasurementKey("\(Self.run)-\(sequence)"))
    }

    @Test("what lies between is never taken for known, however many gaps there are; the oldest is forgotten first")
    func gaps() throws {
        var keys = ReceivedKeys()
        let many = Int64(ReceivedKeys.mostRanges) + 10
        for number in 0..<many { keys.insert(try key(number * 2), at: Timestamp(milliseconds: 0)) }
        for number in 0..<many {
            #expect(!keys.contains(try key(number * 2 + 1)))
            #expect(keys.contains(try key(number * 2)) == (number >= 10))
        }
    }

    @Test("what is written is what is read, in the form that earlier hubs wrote")
    func database() throws {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database)
        let known: [Int64] = [0, 1, 2, 9, 10, 11, 100, 999_999_999_999_999_998, 999_999_999_999_999_999]
        try database.write { db in
            var keys = ReceivedKeys()
            for number in known { keys.insert(try key(number), at: Timestamp(milliseconds: 7)) }
            try keys.save(db)
            let row = try Row.fetchOne(db, sql: "SELECT run, ranges, at FROM received_runs")
            #expect(
                row == [
                    "run": Self.run, "ranges": "0-2,9-11,100-100,999999999999999998-999999999999999999", "at": 7,
                ])
            let read = try ReceivedKeys(db)
            for number in known + known.map({ $0 + 1 }) where number < 1_000_000_000_000_000_000 {
                #expect(read.contains(try key(number)) == known.contains(number))
            }
        }
    }

    @Test("of more runs than are remembered, those that sent something last stay")
    func runs() throws {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database)
        func key(_ run: Int, _ sequence: Int) throws -> MeasurementKey {
            let name = String(run, radix: 16)
            return try #require(
                MeasurementKey(String(repeating: "0", count: 32 - name.count) + name + "-\(sequence)"))
        }
        let most = ReceivedKeys.mostRuns
        try database.write { db in
            var keys = ReceivedKeys()
            for run in 0..<most { keys.insert(try key(run, 1), at: Timestamp(milliseconds: Int64(run))) }
            keys.insert(try key(0, 2), at: Timestamp(milliseconds: 5000))
            keys.insert(try key(most, 1), at: Timestamp(milliseconds: 5001))
            try keys.save(db)
            let read = try ReceivedKeys(db)
            for run in 0...most {
                #expect(keys.contains(try key(run, 1)) == (run != 1))
                #expect(read.contains(try key(run, 1)) == (run != 1))
            }
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM received_runs") == most)
        }
    }

    @Test("a wall clock that is set back makes no run that sends give way to one that does not")
    func clockSetBack() throws {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database)
        func key(_ run: Int, _ sequence: Int) throws -> MeasurementKey {
            let name = String(run, radix: 16)
            return try #require(
                MeasurementKey(String(repeating: "0", count: 32 - name.count) + name + "-\(sequence)"))
        }
        try database.write { db in
            var keys = ReceivedKeys()
            for run in 0..<ReceivedKeys.mostRuns {
                keys.insert(try key(run, 1), at: Timestamp(milliseconds: 1_000_000))
            }
            try keys.save(db)
            keys = try ReceivedKeys(db)
            keys.insert(try key(999, 1), at: Timestamp(milliseconds: 5))
            try keys.save(db)
            keys = try ReceivedKeys(db)
            keys.insert(try key(1000, 1), at: Timestamp(milliseconds: 4))
            try keys.save(db)
            let read = try ReceivedKeys(db)
            for (run, isKnown) in [(0, false), (1, false), (2, true), (999, true), (1000, true)] {
                #expect(keys.contains(try key(run, 1)) == isKnown)
                #expect(read.contains(try key(run, 1)) == isKnown)
            }
        }
    }

    @Test("keys of another form are nobody's")
    func form() {
        let good = "\(Self.run)-17"
        #expect(MeasurementKey(good)?.sequence == 17)
        #expect(MeasurementKey(good)?.run == BaseRun(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF))
        #expect(MeasurementKey(good).map { "\($0.run)" } == Self.run)
        #expect(MeasurementKey("\(Self.run)-999999999999999999")?.sequence == 999_999_999_999_999_999)
        for text in [
            "", "-", "17", Self.run, "\(Self.run)-", "\(Self.run)--1", "\(Self.run)-1234567890123456789",
            "\(Self.run.uppercased())-1", "\(Self.run)0-1", "\(Self.run)-1 ", "\(Self.run)-١",
        ] {
            #expect(MeasurementKey(text) == nil, "\(text)")
        }
    }
}
