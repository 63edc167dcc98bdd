import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why no connection was made, in the words of the system.
public enum DialFailure {
    /// Of what each address of a host has said, each once; other errors as they are.
    public static func words(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return word(error) }
        var each: [String] = []
        for reason in error.connectionErrors.map({ word($0.error) }) where !each.contains(reason) {
            each.append(reason)
        }
        return each.isEmpty ? "its name has no address" : each.joined(separator: ", ")
    }

    private static func word(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: "no answer in time"
        case let error as HTTPClientError: client(error)
        case is SocketAddressError.UnknownHost, SocketAddressError.unknown: "its name has no address"
        case NIOSSLError.handshakeFailed(let cause): handshake("\(cause)")
        case NIOSSLError.uncleanShutdown: "the connection was cut"
        case is NIOSSLExtraError: "its certificate is another host's"
        default: "\(error)"
        }
    }

    private static func client(_ error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout, .deadlineExceeded, .readTimeout: "no answer in time"
        case .remoteConnectionClosed: "the connection was closed before the answer"
        default: "\(error)"
        }
    }

    /// What BoringSSL's reason for a handshake that has failed means; the library's text names source files of its own.
    private static func handshake(_ cause: String) -> String {
        let reasons = [
            (
                "CERTIFICATE_VERIFY_FAILED",
                "its certificate is of no authority that is trusted here, or not of this time"
            ),
            ("WRONG_VERSION_NUMBER", "it does not speak TLS"), ("HTTP_REQUEST", "it does not speak TLS"),
            ("UNSUPPORTED_PROTOCOL", "it does not speak TLS 1.2 or later"),
            ("PROTOCOL_VERSION", "it does not speak TLS 1.2 or later"),
            ("CERTIFICATE_REQUIRED", "it wants a client certificate"),
        ]
        if let (_, words) = reasons.first(where: { cause.contains($0.0) }) { return words }
        let name = cause.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/).map { String($0.1) }
        return "the TLS handshake failed" + (name.map { ": \($0.lowercased().replacing("_", with: " "))" } ?? "")
    }
}
