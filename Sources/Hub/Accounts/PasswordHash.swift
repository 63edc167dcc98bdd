import Crypto
import CryptoExtras
import Foundation

/// A password as it is kept: the result of scrypt (RFC 7914) with its salt and its costs, in the notation
/// `$scrypt$ln=15,r=8,p=3$SALT$HASH` (the PHC string format, base64 without padding).
///
/// The costs stand beside the hash, so they can be raised later: a hash that was made with others still verifies, and
/// is made anew at the next login.
struct PasswordHash: Equatable, Sendable {
    struct Costs: Equatable, Sendable {
        /// The binary logarithm of the rounds; memory is 128 · blockSize · 2^logRounds bytes.
        var logRounds: Int
        var blockSize: Int
        var parallelism: Int

        /// 32 MiB, three times over: one of the settings that OWASP's password storage guide names as equal.
        static let standard = Costs(logRounds: 15, blockSize: 8, parallelism: 3)

        /// Whatever stands in a database is believed only within these bounds (at most 1 GiB of memory).
        var areSane: Bool {
            (1...20).contains(logRounds) && (1...8).contains(blockSize) && (1...16).contains(parallelism)
        }
    }

    let costs: Costs
    let salt: [UInt8]
    let hash: [UInt8]

    /// Hashes a password. This takes long and much memory on purpose: see ``PasswordGate``.
    init(of password: String, costs: Costs, salt: [UInt8] = .random(16)) throws {
        self.costs = costs
        self.salt = salt
        hash = try Self.derive(password, salt: salt, costs: costs, byteCount: 32)
    }

    /// Reads ``text``; nil when it is not in this notation, or its costs are out of bounds.
    init?(text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let costs = Costs(text: String(parts[2])), costs.areSane,
            let salt = [UInt8](base64URL: String(parts[3])), let hash = [UInt8](base64URL: String(parts[4])),
            !salt.isEmpty, (16...64).contains(hash.count)
        else { return nil }
        self.costs = costs
        self.salt = salt
        self.hash = hash
    }

    var text: String { "$scrypt$\(costs.text)$\(salt.base64URL)$\(hash.base64URL)" }

    /// Whether `password` is the one that was hashed. Takes as long as hashing.
    func matches(_ password: String) throws -> Bool {
        try Self.derive(password, salt: salt, costs: costs, byteCount: hash.count).equalsInConstantTime(hash)
    }

    private static func derive(
        _ password: String, salt: [UInt8], costs: Costs, byteCount: Int
    ) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: byteCount,
            rounds: 1 << costs.logRounds, blockSize: costs.blockSize, parallelism: costs.parallelism
        ).withUnsafeBytes(Array.init)
    }
}

extension PasswordHash.Costs {
    fileprivate var text: String { "ln=\(logRounds),r=\(blockSize),p=\(parallelism)" }

    fileprivate init?(text: String) {
        let fields = text.split(separator: ",").map { $0.split(separator: "=", omittingEmptySubsequences: false) }
        guard fields.count == 3, fields.allSatisfy({ $0.count == 2 }), fields.map({ $0[0] }) == ["ln", "r", "p"],
            let logRounds = Int(fields[0][1]), let blockSize = Int(fields[1][1]), let parallelism = Int(fields[2][1])
        else { return nil }
        self.init(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
    }
}
