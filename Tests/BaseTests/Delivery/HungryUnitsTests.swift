import Testing
import UnitProtocol

@testable import Base

@Suite struct HungryUnitsTests {
    @Test("units whose measurements there is no room for are known once each, however long the dashboard is away")
    func bounded() throws {
        var schedule = DeliverySchedule(settings: WebhookSettings())
        var sequence: UInt64 = 0
        for _ in 0..<30 {
            let records = try (0..<10_000).map { unit in
                sequence += 1
                return OutboxRecord(
                    key: OutboxKey(run: RunID(high: 0, low: 1), sequence: sequence),
                    unit: IPv4Address(bits: UInt32(unit)),
                    acceptedAt: 0, measurement: try Measurement("1"))
            }
            _ = schedule.accept(records, at: .zero)
        }
        #expect((1...10_000).contains(schedule.hungryUnits))
    }
}
