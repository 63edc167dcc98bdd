import Base
import UnitProtocol

/// Appends batches of ten units and acknowledges some, until the process is killed.
///
/// Prints `run RUN`, then `+SEQUENCE` when a record is promised (its text is `v` and the sequence), and `-SEQUENCE` before
/// one is acknowledged.
func appendForEver(_ folder: String, sync: String) async throws {
    var settings = OutboxSettings()
    settings.segmentBytes = 16 * 1024
    settings.sync = sync == "always" ? .always : sync == "never" ? .never : .interval(.milliseconds(5))
    let outbox = try Outbox(folder: folder, settings: settings) { _ in }
    say("run \(outbox.run)")
    var next = try await outbox.append([measurement(0, "start")]).sequences.upperBound
    while true {
        let batch = try (0..<10).map { try measurement(UInt32($0), "v\(next + UInt64($0))") }
        let result = await outbox.append(batch)
        guard result.place == .disk, result.sequences.lowerBound == next else {
            throw OutboxError.settings("\(result)")
        }
        next = result.sequences.upperBound
        say(result.sequences.map { "+\($0)" }.joined(separator: "\n"))
        // One of the units is dead: its records stay.
        for unit in 1..<10 {
            let records = try await outbox.records(of: address(UInt32(unit)), limit: 1)
            for record in records { say("-\(record.key.sequence)") }
            outbox.acknowledge(records.map(\.reference))
        }
    }
}

func address(_ unit: UInt32) -> IPv4Address { IPv4Address(bits: 0x0A00_0000 + unit) }

func measurement(_ unit: UInt32, _ text: String) throws -> OutboxMeasurement {
    OutboxMeasurement(unit: address(unit), measurement: try Measurement(text))
}
