/// Cuts the bytes of a read unit into lines and judges each.
///
/// A line ends with LF; one CR before it is dropped. A malformed line never affects the next one. Memory is bounded by
/// `maximumLineBytes`, whatever the peer sends: the rest of a line that is too long is skipped unseen. Where the input
/// is cut into pieces makes no difference to the lines.
public struct MeasurementDecoder: Sendable {
    /// The longest line that is accepted, without its terminator.
    public let maximumLineBytes: Int
    /// The start of a line whose end has not arrived: at most the longest line and a CR.
    private var pending: [UInt8] = []
    private var isSkipping = false

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    public init(maximumLineBytes: Int = 256) {
        self.maximumLineBytes = max(1, maximumLineBytes)
    }

    /// The lines that `bytes` complete, oldest first.
    ///
    /// A line that grows too long is reported once, as soon as it is known, not when its end arrives.
    public mutating func decode(_ bytes: some Sequence<UInt8>) -> [DecodedLine] {
        var lines: [DecodedLine] = []
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { decode($0, into: &lines) }
        if isContiguous == nil {
            Array(bytes).withUnsafeBufferPointer { decode($0, into: &lines) }
        }
        return lines
    }

    private mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>, into lines: inout [DecodedLine]) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: Self.lineFeed) {
            finish(UnsafeBufferPointer(rebasing: rest[..<end]), into: &lines)
            rest = rest[(end + 1)...]
        }
        if !rest.isEmpty {
            hold(UnsafeBufferPointer(rebasing: rest), into: &lines)
        }
    }

    /// `piece` is the last of its line.
    private mutating func finish(_ piece: UnsafeBufferPointer<UInt8>, into lines: inout [DecodedLine]) {
        if pending.isEmpty, !isSkipping {
            lines.append(judge(piece))
            return
        }
        hold(piece, into: &lines)
        if !isSkipping {
            lines.append(pending.withUnsafeBufferPointer(judge))
        }
        isSkipping = false
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func hold(_ piece: UnsafeBufferPointer<UInt8>, into lines: inout [DecodedLine]) {
        guard !isSkipping else { return }
        let room = maximumLineBytes + 1 - pending.count
        pending.append(contentsOf: piece.prefix(room))
        let isTooLong =
            piece.count > room || (pending.count > maximumLineBytes && pending.last != Self.carriageReturn)
        if isTooLong {
            lines.append(.malformed(.tooLong))
            isSkipping = true
            pending.removeAll(keepingCapacity: true)
        }
    }

    private func judge(_ line: UnsafeBufferPointer<UInt8>) -> DecodedLine {
        let text = line.last == Self.carriageReturn ? UnsafeBufferPointer(rebasing: line.dropLast()) : line
        guard text.count <= maximumLineBytes else { return .malformed(.tooLong) }
        switch Measurement.read(text) {
        case .success(let measurement): return .measurement(measurement)
        case .failure(let reason): return .malformed(reason)
        }
    }
}
