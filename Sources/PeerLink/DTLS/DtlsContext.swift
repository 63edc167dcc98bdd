import COpenSSL

/// What all DTLS sessions of one host or offerer share: its certificate, and which versions and ciphers are spoken.
final class DtlsContext {
    let certificate: LocalCertificate
    let context: OpaquePointer
    /// Where a record's content is put, one at a time: DTLS's largest is 16 KiB.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)

    /// Ephemeral keys and authenticated encryption only.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    init() throws(DtlsError) {
        let certificate = try LocalCertificate()
        let context = try DtlsError.require("making a DTLS context", SSL_CTX_new(DTLS_method()))
        do {
            try Self.configure(context, certificate)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        self.certificate = certificate
        self.context = context
    }

    private static func configure(_ context: OpaquePointer, _ certificate: LocalCertificate) throws(DtlsError) {
        try DtlsError.check("choosing DTLS 1.2", copenssl_set_minimum_version(context, DTLS1_2_VERSION))
        try DtlsError.check("choosing ciphers", SSL_CTX_set_cipher_list(context, ciphers))
        try DtlsError.check("choosing groups", copenssl_set_groups(context, "X25519:P-256"))
        try DtlsError.check(
            "taking the certificate", SSL_CTX_use_certificate(context, certificate.certificate))
        try DtlsError.check("taking the key", SSL_CTX_use_PrivateKey(context, certificate.key))
        // No media are spoken, but there are peers that take no DTLS without a profile for them. Here 0 is success.
        guard SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AES128_CM_SHA1_80") == 0 else {
            throw DtlsError("offering a profile of SRTP")
        }
        copenssl_set_options(context)
        _ = copenssl_session_cache_off(context)
        // Every certificate is taken; DtlsSession compares its fingerprint before anything that it brings is read.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT) { _, _ in 1 }
        SSL_CTX_set_verify_depth(context, 2)
    }

    deinit {
        SSL_CTX_free(context)
        scratch.deallocate()
    }
}
