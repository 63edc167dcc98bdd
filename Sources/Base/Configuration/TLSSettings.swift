import Files
import Foundation
import NIOSSL
import Settings

/// `api.tls`, `pusher.tls` and `cluster.tls`: whom to trust beyond what the system trusts, and who we are.
///
/// Whatever they say, TLS is 1.2 at least, and the certificate's chain and host name are verified.
public struct TLSSettings: Equatable, Sendable {
    /// A PEM file with certificates of further authorities.
    public var authorityFile: String?
    /// One of these is the server's public key; empty: any that is certified.
    public var pins: [PublicKeyPin] = []
    /// PEM files: our certificate, with those between it and its authority behind it, and its key.
    public var certificateFile: String?
    public var keyFile: String?

    public init() {}

    init(_ reader: SettingsReader, _ sources: SecretSources, _ warnings: inout [SettingsProblem]) {
        authorityFile = reader.string("ca-file").map(sources.path)
        certificateFile = reader.string("certificate").map(sources.path)
        keyFile = reader.string("key").map(sources.path)
        pins = reader.list("pins", maximumCount: 16)?.compactMap { $0.parsed(PublicKeyPin.init) } ?? []
        if (certificateFile == nil) != (keyFile == nil) {
            reader.report(
                certificateFile == nil ? "certificate" : "key", "is missing: certificate and key go together")
        }
        if sources.folder != nil { check(reader, &warnings) }
        reader.finish()
    }

    private func check(_ reader: SettingsReader, _ warnings: inout [SettingsProblem]) {
        func check(_ key: String, _ use: () throws -> Void) {
            do {
                try use()
            } catch {
                reader.report(key, "\(error)")
            }
        }
        if let authorityFile { check("ca-file") { _ = try Self.certificates(authorityFile) } }
        if let certificateFile { check("certificate") { _ = try Self.certificates(certificateFile) } }
        if let keyFile {
            check("key") { _ = try Self.key(keyFile) }
            if let mode = SecretFile.openMode(of: keyFile) {
                warnings.append(
                    SettingsProblem(path: "\(reader.path).key", message: SecretFile.openWarning(keyFile, mode)))
            }
        }
        if let certificateFile, let keyFile, let chain = try? Self.certificates(certificateFile),
            let key = try? Self.key(keyFile)
        {
            check("key") {
                guard Self.areOne(chain, key) else {
                    throw TLSFileError.otherKey(keyFile, certificate: certificateFile)
                }
            }
        }
    }

    /// Whether a key is that of a chain's first certificate.
    private static func areOne(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> Bool {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        tls.certificateChain = chain.map { .certificate($0) }
        tls.privateKey = .privateKey(key)
        // It compares the two, and speaks to nobody.
        return (try? NIOSSLContext(configuration: tls)) != nil
    }

    /// - Throws: ``TLSFileError``, where a file has gone or changed since it was checked.
    func configuration() throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        if let authorityFile { tls.additionalTrustRoots = [.certificates(try Self.certificates(authorityFile))] }
        if let certificateFile, let keyFile {
            tls.certificateChain = try Self.certificates(certificateFile).map { .certificate($0) }
            tls.privateKey = .privateKey(try Self.key(keyFile))
        }
        return tls
    }

    private static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        let bytes = try read(path)
        guard let all = try? NIOSSLCertificate.fromPEMBytes(bytes), !all.isEmpty else {
            throw TLSFileError.noCertificate(path)
        }
        return all
    }

    private static func key(_ path: String) throws -> NIOSSLPrivateKey {
        let bytes = try read(path)
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else { throw TLSFileError.noKey(path) }
        return key
    }

    private static func read(_ path: String) throws -> [UInt8] {
        do {
            return [UInt8](try SecretFile(path).bytes)
        } catch {
            throw TLSFileError.unreadable(path, error)
        }
    }
}

/// Why a file is of no use for TLS, as the end of a sentence.
enum TLSFileError: Error, Equatable, CustomStringConvertible {
    case unreadable(String, RegularFileError)
    case noCertificate(String)
    case noKey(String)
    case otherKey(String, certificate: String)

    var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot be read: \(path): \(reason)"
        case .noCertificate(let path): "must be a PEM file with certificates; \(path) has none that can be read"
        case .noKey(let path): "must be a PEM file with a private key without a password; \(path) is none"
        case .otherKey(let path, let certificate):
            "must be the key of \(certificate), which \(path) is not"
        }
    }
}
