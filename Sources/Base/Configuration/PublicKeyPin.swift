import Crypto
import Foundation
import NIOCore
import NIOSSL

/// The SHA-256 of a certificate's SubjectPublicKeyInfo in DER, as HPKP (RFC 7469) and curl's `--pinnedpubkey` write it:
/// `sha256/BASE64`, or with two slashes.
public struct PublicKeyPin: Hashable, Sendable, CustomStringConvertible {
    let digest: Data

    init(_ text: String) throws(PublicKeyPinError) {
        // A digest may begin with a slash of its own: its length tells whose the second one is.
        let digests = ["sha256/", "sha256//"].lazy.filter { text.hasPrefix($0) }.compactMap { prefix in
            Data(base64Encoded: String(text.dropFirst(prefix.count)))
        }
        guard let digest = digests.first(where: { $0.count == SHA256.byteCount }) else {
            throw PublicKeyPinError(text: text)
        }
        self.digest = digest
    }

    init(_ certificate: NIOSSLCertificate) throws {
        digest = Data(SHA256.hash(data: try certificate.extractPublicKey().toSPKIBytes()))
    }

    public var description: String { "sha256/\(digest.base64EncodedString())" }
}

struct PublicKeyPinError: Error, Equatable, CustomStringConvertible {
    let text: String

    var description: String {
        "\"\(text.prefix(100))\" is no pin; write the SHA-256 of the server's public key, such as "
            + "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    }
}

/// The server has another key than those that are expected.
struct WrongKey: Error, Equatable, CustomStringConvertible {
    /// Nil where it has shown none.
    let shown: PublicKeyPin?

    var description: String {
        "the server's public key is \(shown.map { "\($0)" } ?? "missing"), which is none of the pins"
    }
}

extension TLSSettings {
    /// Fails with ``WrongKey`` unless the server's key is one of the pins. The handshake must be over.
    func checkKey(_ certificate: NIOSSLCertificate?) throws {
        guard !pins.isEmpty else { return }
        let shown = try certificate.map { try PublicKeyPin($0) }
        guard let shown, pins.contains(shown) else { throw WrongKey(shown: shown) }
    }
}
