import Foundation

/// `iot flash write` for a step, and what its end says.
struct FlashCall: Sendable {
    let order: FlashOrder
    let unit: String
    let bench: Bench

    /// What the loader is called at.
    static let baud = 115_200

    /// - Throws: ``HILError/infrastructure(_:)`` where there is nothing to write.
    func check() throws {
        guard FileManager.default.fileExists(atPath: order.image) else {
            throw HILError.infrastructure(
                "there is no image \(order.image); make hil-firmware builds the one of the suites that ship")
        }
    }

    /// - Parameter written: Is told how many bytes are written, each 200 ms or more; where it is given, sectors that hold the right
    ///   bytes already are written as well.
    func run(on port: String, written: (@Sendable (Int) -> Void)? = nil) async throws -> ProgramEnd {
        let address = order.address.map { ["0x" + String($0, radix: 16)] } ?? []
        let (bench, name) = (bench, "flash \(unit)")
        return try await Program.run(
            name, bench.iot,
            ["flash", "write", "--port", port, "--baud", "\(Self.baud)"] + (written == nil ? [] : ["--json", "--full"])
                + address + [order.image]
        ) { line in
            bench.tell(.runner, name, line)
            if let written, let count = Self.written(line) { written(count) }
        }.end
    }

    /// What a line of `--json` says of the bytes that are written.
    static func written(_ line: String) -> Int? {
        struct Progress: Decodable {
            var event: String
            var phase: String
            var done: Int
        }
        guard let progress = try? JSONDecoder().decode(Progress.self, from: Data(line.utf8)),
            progress.event == "progress", progress.phase == "write"
        else { return nil }
        return progress.done
    }

    /// Why the end is not what the step wants; nil where it is.
    ///
    /// - Parameter powerHasFailed: Whether the port may have gone with the power.
    func wrong(_ end: ProgramEnd, powerHasFailed: Bool) -> HILError? {
        switch end.status {
        case "exit code 64", "exit code 6":
            // Neither board nor flash has anything to do with that.
            return .infrastructure("iot flash write does not take what it is given (\(end))")
        case "exit code 2" where !powerHasFailed: return .infrastructure("iot flash write has no port (\(end))")
        case "exit code 0":
            return order.outcome == .failure
                ? .failed("iot flash write has succeeded, and should not") : nil
        case let status where !status.hasPrefix("exit code "): return .failed("iot flash write has crashed (\(end))")
        default: return order.outcome == .success ? .failed("iot flash write ended with \(end)") : nil
        }
    }
}
