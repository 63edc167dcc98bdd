import Foundation
import Testing
import UnitProtocol

@testable import Base

@Suite struct MeasurementBatchTests {
    private struct Body: Decodable, Equatable {
        struct Entry: Decodable, Equatable {
            var key: String
            var ip: String
            var value: String
            var at: Int64
            var age: Int64
        }

        var measurements: [Entry]
    }

    @Test("a body is JSON that another reader takes as it was meant, whatever units say")
    func bodies() throws {
        let texts = [
            "512", "21 °C", #"a "quoted" \ path\"#, "\\", "\"", "//", "\u{2028}\u{FEFF}", "🛰️", "e\u{301}", " 1 ", "]}",
            "null",
        ]
        let records = try texts.enumerated().map { number, text in
            OutboxRecord(
                key: OutboxKey(run: RunID(high: 1, low: .max), sequence: UInt64(number)), unit: .test(UInt8(number)),
                acceptedAt: 1_700_000_000_000 + Int64(number), measurement: try Measurement(text))
        }
        for count in [2, texts.count] {
            let json = MeasurementBatch(
                Array(records.prefix(count)), at: OutboxMoment(steady: .zero, wall: 1_700_000_000_005)
            ).json
            #expect(
                try JSONDecoder().decode(Body.self, from: Data(json.readableBytesView))
                    == Body(
                        measurements: texts.prefix(count).enumerated().map { number, text in
                            .init(
                                key: "0000000000000001ffffffffffffffff-\(number)", ip: "\(records[number].unit)",
                                value: text, at: 1_700_000_000_000 + Int64(number), age: Int64(max(0, 5 - number)))
                        }))
        }
    }
}
