/// Why a part of a path could not be decoded.
enum PercentDecodingError: Error, Equatable {
    case badEscape
    case notUTF8
    case tooLong(limit: Int)
}

extension String {
    /// Decodes the percent-encoding of one path segment, exactly once: `21%20C` is `21 C`, `%252F` is `%2F`, and a plus
    /// sign is a plus sign (RFC 3986, section 2.1).
    ///
    /// - Parameter maximumBytes: The most bytes that the decoded text may have.
    init(percentDecoding encoded: Substring, maximumBytes: Int) throws(PercentDecodingError) {
        var bytes: [UInt8] = []
        var rest = encoded.utf8.makeIterator()
        while let byte = rest.next() {
            guard bytes.count < maximumBytes else { throw .tooLong(limit: maximumBytes) }
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next()?.hexDigitValue, let low = rest.next()?.hexDigitValue else { throw .badEscape }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        self = text
    }
}

extension UInt8 {
    fileprivate var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
