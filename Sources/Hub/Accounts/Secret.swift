import Crypto
import Foundation

/// A secret of 256 random bits that belongs to a row of the database, as its holder carries it: `iot_12_dGhpcy…`.
///
/// Only the SHA-256 of the random part is kept. That is enough here, where it would not be for a password: nobody can
/// guess 256 random bits, so there is nothing to slow down.
struct Secret: Equatable, Sendable {
    /// What stands before the id, so that a leaked secret is recognized for what it is.
    enum Purpose: String, Sendable {
        case token = "iot"
        case session = "ios"
    }

    let purpose: Purpose
    let id: Int64
    let random: [UInt8]

    static let byteCount = 32

    init(_ purpose: Purpose, id: Int64, random: [UInt8]) {
        self.purpose = purpose
        self.id = id
        self.random = random
    }

    /// Reads what ``text`` wrote; nil for anything else.
    init?(_ purpose: Purpose, text: String) {
        guard text.utf8.count <= 128 else { return nil }
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == purpose.rawValue, let id = Int64(parts[1]),
            let random = [UInt8](base64URL: String(parts[2])), random.count == Self.byteCount
        else { return nil }
        self.init(purpose, id: id, random: random)
    }

    var text: String { "\(purpose.rawValue)_\(id)_\(random.base64URL)" }

    /// What the database keeps.
    var hash: [UInt8] { Self.hash(of: random) }

    /// Whether `stored` is this secret's hash, in a time that does not depend on where they differ.
    func matches(_ stored: [UInt8]) -> Bool {
        hash.equalsInConstantTime(stored)
    }

    static func hash(of random: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: random))
    }
}

extension Array where Element == UInt8 {
    /// Bytes from the system's generator of random numbers for keys.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Compares in a time that depends on the lengths only.
    func equalsInConstantTime(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return zip(self, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Two lower-case hex digits a byte.
    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Base64 with the alphabet for URLs, without padding (RFC 4648, section 5).
    var base64URL: String {
        Data(self).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    init?(base64URL text: String) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard + padding) else { return nil }
        self = Array(data)
    }
}
