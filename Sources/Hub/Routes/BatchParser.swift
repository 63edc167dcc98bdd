import NIOCore
import UnitProtocol

/// Reads the JSON of a batch, once its bytes are known to be UTF-8, in one pass and without a tree: a base sends a hundred thousand
/// measurements a second.
///
/// It takes what RFC 8259 allows, in UTF-8, perhaps with a byte order mark: members in any order, those that are not known too.
/// Of members that come twice the first counts. Whole numbers may be written with a fraction or an exponent, below 2^53 then.
struct BatchParser {
    /// It is no JSON, or no batch.
    struct Malformed: Error, Equatable {}

    /// The deepest nesting of what is passed over.
    static let maximumDepth = 32

    /// The text of a string, without its quotes: bytes as they stand in the document.
    struct Text {
        var range: Range<Int>
        /// Whether there are escapes in it.
        var isEscaped: Bool
    }

    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    /// - Throws: ``Malformed``.
    static func measurements(of body: ByteBuffer) throws -> [BatchMeasurement] {
        try body.withUnsafeReadableBytes { raw in
            try raw.withMemoryRebound(to: UInt8.self) { bytes in
                guard String(validating: bytes, as: UTF8.self) != nil else { throw Malformed() }
                var parser = BatchParser(bytes: bytes)
                return try parser.document()
            }
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private mutating func document() throws(Malformed) -> [BatchMeasurement] {
        var measurements: [BatchMeasurement]?
        skipWhiteSpace()
        try take("{")
        var isFirst = true
        while let key = try key(isFirst: isFirst) {
            isFirst = false
            if measurements == nil, isNamed(key, "measurements") {
                measurements = try array()
            } else {
                try skipValue(depth: 1)
            }
        }
        skipWhiteSpace()
        guard position == bytes.count, let measurements else { throw Malformed() }
        return measurements
    }

    private mutating func array() throws(Malformed) -> [BatchMeasurement] {
        var measurements: [BatchMeasurement] = []
        try take("[")
        skipWhiteSpace()
        if skip("]") { return measurements }
        measurements.reserveCapacity(BatchWebhookRoutes.mostMeasurements)
        repeat {
            skipWhiteSpace()
            measurements.append(try measurement())
            skipWhiteSpace()
        } while skip(",")
        try take("]")
        return measurements
    }

    private mutating func measurement() throws(Malformed) -> BatchMeasurement {
        var (ip, value, key): (Text?, Text?, Text??)
        var (at, age): (Int64??, Int64??)
        try take("{")
        var isFirst = true
        while let name = try self.key(isFirst: isFirst) {
            isFirst = false
            if ip == nil, isNamed(name, "ip") {
                ip = try text()
            } else if value == nil, isNamed(name, "value") {
                value = try text()
            } else if key == nil, isNamed(name, "key") {
                key = .some(skip("null") ? nil : try text())
            } else if at == nil, isNamed(name, "at") {
                at = .some(skip("null") ? nil : try integer())
            } else if age == nil, isNamed(name, "age") {
                age = .some(skip("null") ? nil : try integer())
            } else {
                try skipValue(depth: 3)
            }
        }
        guard let ip, let value else { throw Malformed() }
        return BatchMeasurement(
            address: withBytes(of: ip) { IPv4Address(utf8: $0) },
            value: withBytes(of: value) { String(decoding: $0, as: UTF8.self) },
            key: key.flatMap { $0 }.flatMap { withBytes(of: $0) { MeasurementKey(utf8: $0) } },
            claim: BaseClocks.Claim(at: at.flatMap { $0 }, age: age.flatMap { $0 }))
    }

    /// The name of an object's next member, up to the value that it names; nil where the object ends.
    private mutating func key(isFirst: Bool) throws(Malformed) -> Text? {
        skipWhiteSpace()
        if skip("}") { return nil }
        if !isFirst {
            try take(",")
            skipWhiteSpace()
        }
        let key = try text()
        skipWhiteSpace()
        try take(":")
        skipWhiteSpace()
        return key
    }

    private func isNamed(_ key: Text, _ name: StaticString) -> Bool {
        if key.isEscaped {
            return withBytes(of: key) { $0.elementsEqual(UnsafeBufferPointer(name)) }
        }
        return key.range.count == name.utf8CodeUnitCount && isHere(name, at: key.range.lowerBound)
    }

    // MARK: Values that are not wanted

    /// Passes a value over, and sees that it is one.
    ///
    /// - Parameter depth: How many arrays and objects it stands in.
    private mutating func skipValue(depth: Int) throws(Malformed) {
        switch current {
        case UInt8(ascii: "{"): try skipObject(depth: depth + 1)
        case UInt8(ascii: "["): try skipArray(depth: depth + 1)
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try number()
        case _ where skip("true") || skip("false") || skip("null"): break
        default: throw Malformed()
        }
    }

    private mutating func skipObject(depth: Int) throws(Malformed) {
        guard depth <= Self.maximumDepth else { throw Malformed() }
        try take("{")
        var isFirst = true
        while try key(isFirst: isFirst) != nil {
            isFirst = false
            try skipValue(depth: depth)
        }
    }

    private mutating func skipArray(depth: Int) throws(Malformed) {
        guard depth <= Self.maximumDepth else { throw Malformed() }
        try take("[")
        skipWhiteSpace()
        if skip("]") { return }
        repeat {
            skipWhiteSpace()
            try skipValue(depth: depth)
            skipWhiteSpace()
        } while skip(",")
        try take("]")
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate init(_ text: StaticString) {
        self.init(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
