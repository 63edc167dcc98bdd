/// What a signalling WebSocket asks for: `/signalling/peerjs?key=peerjs&id=…&token=…`, and `presence=1` from those who want
/// to hear who comes and goes.
struct SignallingRequest: Equatable, Sendable {
    static let path = "/signalling/peerjs"
    /// The key that PeerJS's clients name unless they are told another one.
    static let key = "peerjs"
    private static let maximumBytes = 512

    var key: String?
    var id: String?
    var token: String?
    var wantsPresence = false

    init(key: String?, id: String?, token: String?, wantsPresence: Bool = false) {
        self.key = key
        self.id = id
        self.token = token
        self.wantsPresence = wantsPresence
    }

    /// Nil for a request that is not for the signalling. Of parameters that come twice the first counts; one that is
    /// empty or cannot be decoded is as if it were missing.
    init?(uri: String) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first?[...] == Self.path[...] else { return nil }
        var values: [Substring: String] = [:]
        for pair in (parts.count < 2 ? "" : parts[1]).split(separator: "&").prefix(32) {
            let sides = pair.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, values[sides[0]] == nil else { continue }
            values[sides[0]] = try? String(percentDecoding: sides[1], maximumBytes: Self.maximumBytes)
        }
        self.init(
            key: values["key"], id: values["id"], token: values["token"], wantsPresence: values["presence"] == "1")
    }
}
