import Crypto
import Foundation

/// What lets somebody without an account watch one device for a while: `watch.5.1790000000.MAC`.
///
/// The hub keeps no list of them: HMAC-SHA256 under a key of its own says that it has made it.
struct WatchTicket: Equatable, Sendable {
    static let lifetime = Duration.seconds(7 * 86_400)
    private static let prefix = "watch"
    private static let maximumBytes = 128

    var device: Int64
    /// In whole seconds.
    var expiresAt: Timestamp

    init(device: Int64, madeAt now: Timestamp) {
        self.device = device
        let end = now + Self.lifetime
        expiresAt = Timestamp(milliseconds: end.milliseconds / 1000 * 1000)
    }

    /// Nil for a text that is no ticket, that another key has made, or whose time is over.
    init?(text: String, key: WatchTicketKey, at now: Timestamp) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.prefix, let device = Int64(parts[1]), let seconds = Int64(parts[2]),
            (1...Int64(UInt32.max) * 4).contains(seconds), let code = [UInt8](base64URL: String(parts[3])),
            code.equalsInConstantTime(key.code(for: Self.signed(device, seconds)))
        else { return nil }
        self.device = device
        expiresAt = Timestamp(milliseconds: seconds * 1000)
        guard now < expiresAt else { return nil }
    }

    func text(key: WatchTicketKey) -> String {
        let seconds = expiresAt.milliseconds / 1000
        let code = key.code(for: Self.signed(device, seconds))
        return "\(Self.prefix).\(device).\(seconds).\(code.base64URL)"
    }

    private static func signed(_ device: Int64, _ seconds: Int64) -> String { "\(device).\(seconds)" }
}

/// What signs ``WatchTicket``s; another secret of the app makes all that were given away worthless.
struct WatchTicketKey: Sendable {
    private let key: SymmetricKey

    init(appSecret: String) {
        let purpose = Array("iot hub watch tickets, version 1".utf8)
        key = SymmetricKey(
            data: HMAC<SHA256>.authenticationCode(for: purpose, using: SymmetricKey(data: Array(appSecret.utf8))))
    }

    func code(for text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }
}
