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

    func run(on port: String) async throws -> ProgramEnd {
        let address = order.address.map { ["0x" + String($0, radix: 16)] } ?? []
        let (bench, name) = (bench, "flash \(unit)")
        return try await Program.run(
            name, bench.iot, ["flash", "write", "--port", port, "--baud", "\(Self.baud)"] + address + [order.image]
        ) { bench.tell(.runner, name, $0) }.end
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
