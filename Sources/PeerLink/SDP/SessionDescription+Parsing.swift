extension SessionDescription {
    /// What the lines say, before it is known whether all is there. What a section says goes before what the session says.
    private struct Draft {
        var mid: String?
        var ufrag: String?
        var password: String?
        var isLite = false
        var fingerprints: [CertificateFingerprint] = []
        var hasFingerprint = false
        var setup: Setup?
        var sctpPort: UInt16 = 5000
        var maxMessageSize = SessionDescription.defaultMaxMessageSize
        var candidates: [IceCandidate] = []
        var candidateLines = 0
        var sections = 0
    }

    /// Parses an offer or answer. What is not known is left out.
    public init(parsing text: String, limits: Limits = Limits()) throws(SessionDescriptionError) {
        guard text.utf8.count <= limits.bytes else { throw .tooLong(bytes: text.utf8.count, most: limits.bytes) }
        var draft = Draft()
        var number = 0
        var hasVersion = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) where !line.isEmpty {
            number += 1
            let bytes = line.utf8
            guard bytes.count >= 2, bytes[bytes.index(after: bytes.startIndex)] == UInt8(ascii: "=") else {
                throw .notSDP(line: number)
            }
            let value = line.dropFirst(2)
            if number == 1 { hasVersion = line == "v=0" }
            guard hasVersion else { throw .notSDP(line: number) }
            switch line.first {
            case "m": try Self.take(section: value, &draft)
            case "a": try Self.take(attribute: value, line: number, limits, &draft)
            default: break
            }
        }
        try self.init(draft)
    }

    private init(_ draft: Draft) throws(SessionDescriptionError) {
        guard draft.sections == 1 else { throw .noDataChannels }
        guard let ufrag = draft.ufrag else { throw .missing("ice-ufrag") }
        guard let password = draft.password else { throw .missing("ice-pwd") }
        guard let credentials = IceCredentials(ufrag: ufrag, password: password) else {
            throw .missing("ice-ufrag of 4 and ice-pwd of 22 or more letters, digits, + and /")
        }
        guard draft.hasFingerprint else { throw .missing("fingerprint") }
        guard !draft.fingerprints.isEmpty else { throw .noSHA256Fingerprint }
        guard let setup = draft.setup else { throw .missing("setup") }
        self.init(
            mid: draft.mid ?? "0", credentials: credentials, isLite: draft.isLite, fingerprints: draft.fingerprints,
            setup: setup, sctpPort: draft.sctpPort, maxMessageSize: draft.maxMessageSize,
            candidates: draft.candidates)
    }

    private static func take(section: Substring, _ draft: inout Draft) throws(SessionDescriptionError) {
        let fields = section.split(separator: " ")
        guard let kind = fields.first, kind == "application" else {
            throw .media(String(section.prefix { $0 != " " }.prefix(20)))
        }
        guard draft.sections == 0 else { throw .severalSections }
        guard fields.count == 4, ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP"].contains(fields[2]),
            fields[3] == "webrtc-datachannel", fields[1] != "0"
        else { throw .noDataChannels }
        draft.sections = 1
    }

    private static func take(
        attribute: Substring, line: Int, _ limits: Limits, _ draft: inout Draft
    ) throws(SessionDescriptionError) {
        let name = attribute.prefix { $0 != ":" }
        let value = attribute.dropFirst(name.count + 1)
        func checked<Value>(_ value: Value?) throws(SessionDescriptionError) -> Value {
            guard let value else { throw .badLine(line: line, attribute: String(name)) }
            return value
        }
        switch name {
        case "ice-lite": draft.isLite = true
        case "ice-ufrag": draft.ufrag = String(value)
        case "ice-pwd": draft.password = String(value)
        case "setup": draft.setup = try checked(Setup(rawValue: String(value)))
        case "mid": draft.mid = try checked(token(value))
        case "sctp-port":
            draft.sctpPort = try checked(UInt16(value).flatMap { $0 > 0 ? $0 : nil })
        case "max-message-size": draft.maxMessageSize = try checked(UInt64(value))
        case "fingerprint":
            draft.hasFingerprint = true
            let parts = value.split(separator: " ")
            guard parts.count == 2, parts[0].lowercased() == "sha-256" else { break }
            guard draft.fingerprints.count < 8 else { throw .badLine(line: line, attribute: "fingerprint") }
            draft.fingerprints.append(try checked(CertificateFingerprint(text: parts[1])))
        case "candidate":
            draft.candidateLines += 1
            guard draft.candidateLines <= limits.candidates else {
                throw .tooManyCandidates(most: limits.candidates)
            }
            if case .usable(let candidate) = try checked(IceCandidate.parse(value)) {
                draft.candidates.append(candidate)
            }
        default: break
        }
    }

    /// A name that can be said again in an answer.
    private static func token(_ value: Substring) -> String? {
        let isToken = value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isToken && (1...64).contains(value.utf8.count) ? String(value) : nil
    }
}
