import Foundation
import Synchronization

extension AsyncStream<String> {
    /// The lines that come out of a pipe, until it ends. A line of more than 64 KiB is cut; at most 1000 lines wait for
    /// a reader, later ones are dropped.
    static func lines(of output: FileHandle) -> AsyncStream<String> {
        AsyncStream(bufferingPolicy: .bufferingOldest(1000)) { continuation in
            let cutter = Mutex(LineCutter())
            output.readabilityHandler = { output in
                let data = output.availableData
                guard !data.isEmpty else {
                    output.readabilityHandler = nil
                    continuation.finish()
                    return
                }
                for line in cutter.withLock({ $0.lines(after: data) }) {
                    continuation.yield(line)
                }
            }
        }
    }
}

/// Keeps the beginning of a line until its line feed comes.
private struct LineCutter {
    private static let longest = 65_536
    private var rest = Data()

    mutating func lines(after data: Data) -> [String] {
        rest.append(data)
        var pieces = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Data((pieces.popLast() ?? Data()).prefix(Self.longest))
        return pieces.map { String(decoding: $0.prefix(Self.longest), as: UTF8.self) }
    }
}
