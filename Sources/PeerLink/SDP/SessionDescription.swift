/// An offer or answer with one section, for data channels (RFC 8866, 8829, 8839, 8841).
public struct SessionDescription: Equatable, Sendable {
    /// Which side of DTLS its maker takes (RFC 8842).
    public enum Setup: String, Sendable {
        case active
        case passive
        /// In offers: either.
        case actpass
    }

    /// What is taken of others' descriptions.
    public struct Limits: Equatable, Sendable {
        public var bytes = 16 * 1024
        public var candidates = 32

        public init() {}
    }

    /// The section's name.
    public var mid: String
    public var credentials: IceCredentials
    /// Whether its maker only answers checks.
    public var isLite: Bool
    /// Those of SHA-256; the certificate must have one of them.
    public var fingerprints: [CertificateFingerprint]
    public var setup: Setup
    /// Its maker's port of SCTP within DTLS.
    public var sctpPort: UInt16
    /// The largest message that its maker takes, in bytes; 0 is any (RFC 8841, 6).
    public var maxMessageSize: UInt64
    /// Those that can be used here.
    public var candidates: [IceCandidate]

    /// What is meant where `max-message-size` is not there (RFC 8841, 6.1).
    public static let defaultMaxMessageSize: UInt64 = 65536

    public init(
        mid: String = "0", credentials: IceCredentials, isLite: Bool, fingerprints: [CertificateFingerprint],
        setup: Setup, sctpPort: UInt16 = 5000, maxMessageSize: UInt64 = SessionDescription.defaultMaxMessageSize,
        candidates: [IceCandidate]
    ) {
        self.mid = mid
        self.credentials = credentials
        self.isLite = isLite
        self.fingerprints = fingerprints
        self.setup = setup
        self.sctpPort = sctpPort
        self.maxMessageSize = maxMessageSize
        self.candidates = candidates
    }

    /// The description as text. Candidates are complete: none follow.
    ///
    /// - Parameter session: The number of the session in its `o=` line.
    public func text(session: UInt64) -> String {
        let family = candidates.first?.address.isIPv6 == true ? "IP6 ::" : "IP4 0.0.0.0"
        var lines = [
            "v=0", "o=- \(session >> 1) 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE \(mid)",
        ]
        if isLite { lines.append("a=ice-lite") }
        lines += [
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN \(family)", "a=mid:\(mid)", "a=sendrecv",
            "a=ice-ufrag:\(credentials.ufrag)", "a=ice-pwd:\(credentials.password)",
        ]
        lines += fingerprints.map { "a=fingerprint:sha-256 \($0.text)" }
        lines += ["a=setup:\(setup.rawValue)", "a=sctp-port:\(sctpPort)", "a=max-message-size:\(maxMessageSize)"]
        lines += candidates.map { "a=\($0.text)" }
        lines.append("a=end-of-candidates")
        return lines.map { $0 + "\r\n" }.joined()
    }
}
