import Foundation

extension AsyncStream<String> {
    /// The lines that come out of a pipe, until it ends; then the descriptor is closed. A line of more than 64 KiB is cut;
    /// at most `kept` lines wait for a reader, later ones are dropped and counted.
    ///
    /// A thread of its own reads, whether anybody takes the lines or not, so that the writer never waits. Foundation's
    /// `readabilityHandler` will not do: where a descriptor's number is soon used again, it misses the end of the new one.
    static func lines(of descriptor: Int32, kept: Int, dropped: LineCount) -> AsyncStream<String> {
        AsyncStream(bufferingPolicy: .bufferingOldest(kept)) { continuation in
            Thread.detachNewThread {
                var cutter = LineCutter()
                var buffer = [UInt8](repeating: 0, count: 16_384)
                while true {
                    let count = read(descriptor, &buffer, buffer.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { break }
                    for line in cutter.lines(after: Data(buffer[..<count])) {
                        if case .dropped = continuation.yield(line) { dropped.add() }
                    }
                }
                close(descriptor)
                continuation.finish()
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
