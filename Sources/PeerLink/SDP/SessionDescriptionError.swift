/// Why an offer or answer is refused.
public enum SessionDescriptionError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLong(bytes: Int, most: Int)
    case notSDP(line: Int)
    case tooManyCandidates(most: Int)
    case badLine(line: Int, attribute: String)
    /// Sections of audio or video; media are not spoken here.
    case media(String)
    case noDataChannels
    case severalSections
    case missing(String)
    case noSHA256Fingerprint

    public var description: String {
        switch self {
        case .tooLong(let bytes, let most): "the session description has \(bytes) bytes; at most \(most) are taken"
        case .notSDP(let line): "line \(line) of the session description is not of the form x=value"
        case .tooManyCandidates(let most): "the session description has more than \(most) candidates"
        case .badLine(let line, let attribute):
            "line \(line) of the session description: \(attribute) has no valid value"
        case .media(let kind):
            "the session description has a section \"\(kind)\"; offer a data channel alone, without audio or video"
        case .noDataChannels:
            "the session description has no section \"application … UDP/DTLS/SCTP webrtc-datachannel\"; "
                + "make a data channel before the offer"
        case .severalSections: "the session description has several sections for data channels; one is taken"
        case .missing(let what): "the session description has no \(what)"
        case .noSHA256Fingerprint:
            "the session description has no sha-256 fingerprint; that is the one which is compared"
        }
    }
}
