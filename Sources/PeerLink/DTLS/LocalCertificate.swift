import COpenSSL

/// A self-signed certificate with its key, made anew at each start: in WebRTC it is known by its fingerprint alone.
final class LocalCertificate {
    let fingerprint: CertificateFingerprint
    let certificate: OpaquePointer
    let key: OpaquePointer

    /// Seconds that it is valid for, from a day ago on, because clocks differ.
    private static let validity = 30 * 86400

    /// Makes a P-256 key and signs with it.
    init() throws(DtlsError) {
        let key = try DtlsError.require("making a key", copenssl_p256_key())
        do {
            (certificate, fingerprint) = try Self.sign(key)
        } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.key = key
    }

    private static func sign(_ key: OpaquePointer) throws(DtlsError) -> (OpaquePointer, CertificateFingerprint) {
        let certificate = try DtlsError.require("making a certificate", X509_new())
        do throws(DtlsError) {
            try DtlsError.check("making a certificate", X509_set_version(certificate, 2))
            let serial = Int(UInt32.random(in: 1...UInt32(Int32.max)))
            try DtlsError.check(
                "numbering a certificate", ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial))
            guard X509_gmtime_adj(X509_getm_notBefore(certificate), -86400) != nil,
                X509_gmtime_adj(X509_getm_notAfter(certificate), validity) != nil
            else { throw DtlsError("dating a certificate") }
            let name = X509_get_subject_name(certificate)
            try DtlsError.check(
                "naming a certificate", X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "peer", -1, -1, 0))
            try DtlsError.check("naming a certificate", X509_set_issuer_name(certificate, name))
            try DtlsError.check("giving a certificate its key", X509_set_pubkey(certificate, key))
            try DtlsError.check("signing a certificate", X509_sign(certificate, key, EVP_sha256()))
            return (certificate, try self.fingerprint(of: certificate))
        } catch {
            X509_free(certificate)
            throw error
        }
    }

    /// The SHA-256 of a certificate.
    static func fingerprint(of certificate: OpaquePointer) throws(DtlsError) -> CertificateFingerprint {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        try DtlsError.check("hashing a certificate", X509_digest(certificate, EVP_sha256(), &digest, &count))
        return try DtlsError.require(
            "hashing a certificate", CertificateFingerprint(bytes: Array(digest.prefix(Int(count)))))
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }
}
