import Channels

/// Where a client's WebSocket request goes: `/app/{key}?protocol=7`.
struct BrokerTarget: Equatable, Sendable {
    var path: Substring
    var version: Substring?

    /// Why a WebSocket is closed before its greeting.
    struct Refusal: Error, Equatable {
        var code: CloseCode
    }

    init(uri: String) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first ?? ""
        version = parts.count < 2 ? nil : Self.value(of: "protocol", in: parts[1])
    }

    /// The protocol version that the client names, whatever else is wrong; nil when it names none, or no number.
    var namedVersion: Int? {
        version.flatMap { $0.utf8.count <= 4 ? Int($0) : nil }
    }

    /// The protocol version that the client names, when path and key are right.
    ///
    /// The key is public (it stands in every page), so it is compared as any other text.
    func protocolVersion(for appKey: String) -> Result<Int, Refusal> {
        guard path.hasPrefix("/app/") else { return .failure(Refusal(code: .pathNotFound)) }
        guard path.dropFirst("/app/".count) == appKey else { return .failure(Refusal(code: .unknownApp)) }
        guard version != nil else { return .failure(Refusal(code: .noProtocol)) }
        guard let namedVersion else { return .failure(Refusal(code: .badVersion)) }
        return .success(namedVersion)
    }

    private static func value(of name: String, in query: Substring) -> Substring? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name { return parts.count == 2 ? parts[1] : "" }
        }
        return nil
    }
}
