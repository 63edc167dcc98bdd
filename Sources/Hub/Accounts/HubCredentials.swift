import Channels
import Foundation

/// The Pusher app that the hub is, made at the first start and kept in the state directory.
struct HubCredentials: Equatable, Sendable, Codable {
    /// The app's id, in the paths of the HTTP API.
    var id: String
    /// The app's key, which clients name; not a secret.
    var key: String
    /// What signs authorizations and requests.
    var secret: String
    /// 32 bytes in base64, from which the keys of end-to-end encrypted channels are derived.
    var encryptionMasterKey: String

    static let masterKeyBytes = 32

    /// What signs, and checks signatures.
    var app: AppCredentials { AppCredentials(id: id, key: key, secret: secret) }

    /// Nil when the text is not ``masterKeyBytes`` bytes in base64, which ``load(in:)`` has made sure of.
    var masterKey: EncryptionMasterKey? { Data(base64Encoded: encryptionMasterKey).flatMap { EncryptionMasterKey($0) } }

    /// New random credentials.
    static func random() -> HubCredentials {
        HubCredentials(
            id: String(UInt32.random(in: 100_000...999_999_999)), key: [UInt8].random(10).hex,
            secret: [UInt8].random(20).hex,
            encryptionMasterKey: Data([UInt8].random(masterKeyBytes)).base64EncodedString())
    }

    /// Reads the credentials of a state directory, or makes them.
    ///
    /// - Throws: ``HubError/credentials(path:reason:)`` when the file is there and cannot be used.
    static func load(in directory: StateDirectory) throws -> HubCredentials {
        let path = directory.credentials.path
        guard FileManager.default.fileExists(atPath: path) else {
            let credentials = random()
            try credentials.write(in: directory)
            return credentials
        }
        try directory.makePrivate(directory.credentials)
        let credentials: HubCredentials
        do {
            credentials = try JSONDecoder().decode(HubCredentials.self, from: Data(contentsOf: directory.credentials))
        } catch {
            throw HubError.credentials(path: path, reason: "it does not hold id, key, secret and encryptionMasterKey")
        }
        try credentials.validate(path: path)
        return credentials
    }

    /// Written beside and moved into place, so that a crash leaves no half of a file.
    private func write(in directory: StateDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let new = directory.url.appending(path: "app.json.new")
        do {
            try directory.makePrivate(new)
            let file = try FileHandle(forWritingTo: new)
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: encoder.encode(self))
            try file.synchronize()
            try file.close()
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError.credentials(path: new.path, reason: error.localizedDescription)
        }
        guard rename(new.path, directory.credentials.path) == 0 else {
            throw HubError.credentials(path: directory.credentials.path, reason: systemError())
        }
    }

    private func validate(path: String) throws {
        let texts = [("id", id), ("key", key), ("secret", secret)]
        for (name, text) in texts {
            guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy(\.isLetterOrDigit) else {
                throw HubError.credentials(path: path, reason: "\(name) must be letters and digits, 1 to 200")
            }
        }
        guard Data(base64Encoded: encryptionMasterKey)?.count == Self.masterKeyBytes else {
            throw HubError.credentials(
                path: path, reason: "encryptionMasterKey must be \(Self.masterKeyBytes) bytes in base64")
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
