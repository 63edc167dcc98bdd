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
