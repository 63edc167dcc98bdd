import Crypto
import Foundation

/// What lets somebody without an account do one thing with one device for a while: `watch.5.1790000000.MAC`.
///
/// The hub keeps no list of them: HMAC-SHA256 under a key of its own says that it has made it.
struct DeviceTicket: Equatable, Sendable {
    enum Purpose: String, Equatable, Sendable {
        case watch
        /// Stream as the device, and control what streams as it.
        case stream
    }

    static let lifetime = Duration.seconds(7 * 86_400)
    private static let maximumBytes = 128

    var purpose: Purpose
    var device: Int64
    /// In whole seconds.
    var expiresAt: Timestamp

    init(_ purpose: Purpose, device: Int64, madeAt now: Timestamp) {
        self.purpose = purpose
        self.device = device
        let end = now + Self.lifetime
        expiresAt = Timestamp(milliseconds: end.milliseconds / 1000 * 1000)
    }

    /// Nil for a text that is no ticket, that another key has made, or whose time is over.
    init?(text: String, key: DeviceTicketKey, at now: Timestamp) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let purpose = Purpose(rawValue: String(parts[0])), let device = Int64(parts[1]),
            let seconds = Int64(parts[2]), (1...Int64(UInt32.max) * 4).contains(seconds),
            let code = [UInt8](base64URL: String(parts[3])),
            code.equalsInConstantTime(key.code(for: Self.signed(purpose, device, seconds)))
        else { return nil }
        self.purpose = purpose
        self.device = device
        expiresAt = Timestamp(milliseconds: seconds * 1000)
        guard now < expiresAt else { return nil }
    }

    func text(key: DeviceTicketKey) -> String {
        let seconds = expiresAt.milliseconds / 1000
        let code = key.code(for: Self.signed(purpose, device, seconds))
        return "\(purpose.rawValue).\(device).\(seconds).\(code.base64URL)"
    }

    /// The page that it is for.
    func path(key: DeviceTicketKey) -> String {
        let page =
            switch purpose {
            case .watch: "remote"
            case .stream: "interface"
            }
        return "/\(page)/\(device)#\(text(key: key))"
    }

    private static func signed(_ purpose: Purpose, _ device: Int64, _ seconds: Int64) -> String {
        let rest = "\(device).\(seconds)"
        return purpose == .watch ? rest : "\(purpose.rawValue).\(rest)"
    }
}

/// What signs ``DeviceTicket``s; another secret of the app makes all that were given away worthless.
struct DeviceTicketKey: Sendable {
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
