import COpenSSL

/// OpenSSL's way to a ``DtlsSession``: one write is one datagram, and one read takes one whole.
enum DatagramBio {
    /// OpenSSL keeps it for the life of the process.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams of a peer") else {
            return nil
        }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let session = session(bio), let bytes, count > 0 else { return -1 }
            session.emit(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_read(method) { bio, place, most in
            copenssl_clear_retry(bio)
            guard let session = session(bio), let place, most > 0, let datagram = session.takeDatagram() else {
                copenssl_retry_read(bio)
                return -1
            }
            let count = min(datagram.count, Int(most))
            UnsafeMutableRawBufferPointer(start: place, count: count).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: datagram.prefix(count)))
            return Int32(count)
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            switch command {
            case BIO_CTRL_FLUSH: 1
            case BIO_CTRL_DGRAM_QUERY_MTU, BIO_CTRL_DGRAM_GET_FALLBACK_MTU: DtlsSession.mtu
            default: 0
            }
        }
        return method
    }()

    private static func session(_ bio: OpaquePointer?) -> DtlsSession? {
        BIO_get_data(bio).map { Unmanaged<DtlsSession>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Returns: One that belongs to whoever takes it over; it does not keep `session` alive.
    static func make(for session: DtlsSession) throws(DtlsError) -> OpaquePointer {
        let method = try DtlsError.require("making a way for datagrams", method)
        let bio = try DtlsError.require("making a way for datagrams", BIO_new(method))
        BIO_set_data(bio, Unmanaged.passUnretained(session).toOpaque())
        return bio
    }
}
