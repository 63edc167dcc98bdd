import Foundation
@testable import LX106
import TestSupport
import Testing

/// Random sequences of instructions on Debian's `qemu-system-xtensa -cpu lx106` and on ours: every register and all memory that
/// they leave is equal.
///
/// 2 000 sequences; `IOT_LX106_SEQUENCES` makes it more and `IOT_LX106_SEED` begins with another one, as `make nightly` does, which
/// reads the line that says how many there were.
@Suite struct DifferentialTests {
    private static func number(_ name: String, otherwise: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init) ?? otherwise
    }

    @Test(
        "random sequences leave the same registers and memory as in QEMU",
        .enabled(if: CrossTools.areExpected(CrossTools.emulator), CrossTools.reason), .timeLimit(.minutes(60)))
    func sequences() async throws {
        let first = Self.number("IOT_LX106_SEED", otherwise: 1)
        let end = first + Self.number("IOT_LX106_SEQUENCES", otherwise: 2_000)
        var (compared, differing, ends) = (0, [String](), [UInt32: Int]())
        var operations: Set<LX106.Operation> = []
        for start in stride(from: first, to: end, by: SequenceImage.most) where differing.isEmpty {
            let found = try await withTemporaryDirectory { folder in
                let image = try await SequenceImage(
                    seeds: start..<min(end, start + UInt64(SequenceImage.most)), in: folder)
                let theirs = try await image.runInQEMU(folder)
                let ours = try await onThread { try image.runInProcessor() }
                return (image, theirs, ours)
            }
            for (sequence, (theirs, ours)) in zip(found.0.sequences, zip(found.1, found.2)) {
                compared += 1
                operations.formUnion(sequence.operations)
                ends[theirs.registers[31], default: 0] += 1
                if theirs != ours { differing.append(SequenceReport.text(sequence, theirs: theirs, ours: ours)) }
            }
        }
        print("\(compared) sequences from seed \(first): \(differing.count) differ")
        #expect(differing.isEmpty, "\(differing.count) differ\n\(differing.prefix(5).joined(separator: "\n\n"))")
        // To the end, and at the vectors for debugging, the kernel, users and double exceptions.
        #expect(Set(ends.keys) == [1, 2, 4, 5, 6], "how they ended: \(ends)")
        let all = Set(LX106.Operation.allCases).subtracting(Sequence.leftOut.union([.goOn, .note]))
        #expect(operations == all, "not among them: \(all.subtracting(operations))")
    }
}
