import COpenSSL
import Glibc

/// DTLS with one peer. Confined to ``PeerLoop``.
final class DtlsSession {
    enum Role: Sendable {
        case client
        case server
    }

    enum Event: Equatable {
        /// The handshake is done, and the peer has the certificate that its description names.
        case connected
        /// The peer's certificate is another one. Nothing that came over the session was read.
        case wrongFingerprint
        /// The peer has said farewell.
        case closed
        case failed(DtlsError)
    }

    /// Bytes of a datagram during the handshake: what IPv6 carries everywhere (1280), without its headers.
    static let mtu = 1200

    private let context: DtlsContext
    private let expected: [CertificateFingerprint]
    private let output: (UnsafeRawBufferPointer) -> Void
    private let ssl: OpaquePointer
    private var incoming: UnsafeRawBufferPointer?
    private(set) var isConnected = false
    private var isOver = false

    /// - Parameters:
    ///   - expected: The peer's certificate must have one of them.
    ///   - output: Gets each datagram for the peer; the bytes are there during the call only.
    init(
        _ context: DtlsContext, role: Role, expected: [CertificateFingerprint],
        output: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(DtlsError) {
        self.context = context
        self.expected = expected
        self.output = output
        ssl = try DtlsError.require("making a DTLS session", SSL_new(context.context))
        let bio = try DatagramBio.make(for: self)
        SSL_set_bio(ssl, bio, bio)
        _ = copenssl_set_mtu(ssl, Self.mtu)
        switch role {
        case .client: SSL_set_connect_state(ssl)
        case .server: SSL_set_accept_state(ssl)
        }
    }

    deinit { SSL_free(ssl) }

    /// For the client: sends its first flight.
    func start() -> [Event] {
        handshake()
    }

    /// Takes a datagram.
    ///
    /// - Parameters:
    ///   - onEvent: Gets what happens, in order with the data.
    ///   - onData: Gets what is in each record, during the call only.
    func receive(
        _ datagram: UnsafeRawBufferPointer, onEvent: (Event) -> Void, onData: (UnsafeRawBufferPointer) -> Void
    ) {
        // A read of no bytes would be the end to OpenSSL.
        guard !isOver, !datagram.isEmpty else { return }
        incoming = datagram
        defer { incoming = nil }
        if !isConnected { handshake().forEach(onEvent) }
        guard isConnected else { return }
        while !isOver {
            ERR_clear_error()
            let count = SSL_read(ssl, context.scratch.baseAddress, Int32(context.scratch.count))
            guard count > 0 else {
                conclude("reading a record", count).forEach(onEvent)
                break
            }
            onData(UnsafeRawBufferPointer(rebasing: context.scratch.prefix(Int(count))))
        }
    }

    /// Sends `bytes` as one record; while there are no keys they are dropped, as a network would.
    func send(_ bytes: UnsafeRawBufferPointer) {
        guard isConnected, !isOver else { return }
        ERR_clear_error()
        _ = SSL_write(ssl, bytes.baseAddress, Int32(bytes.count))
    }

    /// To be called some 20 times a second: sends again what the handshake waits for.
    func tick() -> [Event] {
        guard !isConnected, !isOver else { return [] }
        var left = timeval()
        guard copenssl_get_timeout(ssl, &left) == 1, left.tv_sec == 0, left.tv_usec == 0 else { return [] }
        ERR_clear_error()
        return copenssl_handle_timeout(ssl) < 0 ? fail("sending the handshake again") : []
    }

    /// Says farewell; nothing is sent or read afterwards.
    func close() {
        guard !isOver else { return }
        ERR_clear_error()
        if isConnected { _ = SSL_shutdown(ssl) }
        isOver = true
    }

    private func handshake() -> [Event] {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else { return conclude("the handshake", result) }
        isConnected = true
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return fail("asking for the certificate") }
        defer { X509_free(certificate) }
        guard let fingerprint = try? LocalCertificate.fingerprint(of: certificate), expected.contains(fingerprint)
        else {
            close()
            return [.wrongFingerprint]
        }
        return [.connected]
    }

    private func conclude(_ operation: String, _ result: Int32) -> [Event] {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return []
        case SSL_ERROR_ZERO_RETURN:
            isOver = true
            return [.closed]
        default: return fail(operation)
        }
    }

    private func fail(_ operation: String) -> [Event] {
        isOver = true
        return [.failed(DtlsError(operation))]
    }

    // MARK: What OpenSSL calls

    func emit(_ datagram: UnsafeRawBufferPointer) {
        output(datagram)
    }

    func takeDatagram() -> UnsafeRawBufferPointer? {
        defer { incoming = nil }
        return incoming
    }
}
