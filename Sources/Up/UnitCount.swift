import ArgumentParser

/// How many simulated units of each kind to start, written `4+2`: four read units and two lamps.
struct UnitCount: Equatable, Sendable, CustomStringConvertible {
    var read: Int
    var updatable: Int

    /// More than this on one machine is a matter for `iot sim fleet`.
    static let maximum = 200

    static let standard = UnitCount(read: 4, updatable: 2)

    init(read: Int, updatable: Int) {
        self.read = read
        self.updatable = updatable
    }

    /// Reads `4+2`.
    ///
    /// - Throws: `ValidationError` that says what would be right.
    init(argument: String) throws {
        let parts = argument.split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let read = Int(parts[0]), let updatable = Int(parts[1]),
            (1...Self.maximum).contains(read.addingReportingOverflow(updatable).partialValue),
            read <= Self.maximum
        else {
            throw ValidationError(
                "write a number of read units and one of lamps, such as 4+2, together 1 to \(Self.maximum); "
                    + "iot sim fleet starts more")
        }
        self.init(read: read, updatable: updatable)
    }

    var description: String { "\(read)+\(updatable)" }
}
