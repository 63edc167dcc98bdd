import Crypto

/// A request to a broker's HTTP API, reduced to what its signature covers.
public struct SignedRequest: Equatable, Sendable {
    public var method: String
    /// Without the query: `/apps/1/events`.
    public var path: String
    /// Names and values as they are after percent-decoding.
    public var query: [Parameter]
    public var body: [UInt8]

    public struct Parameter: Equatable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(method: String, path: String, query: [Parameter], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// `METHOD\nPATH\nQUERY`: the parameters but the signature, sorted by lower-cased name, unescaped.
    var signedText: String {
        let pairs = query.map { ($0.name.lowercased(), $0.value) }.filter { $0.0 != "auth_signature" }
        let sorted = pairs.sorted { $0.0 < $1.0 }
        return "\(method.uppercased())\n\(path)\n" + sorted.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    func parameter(_ name: String) -> String? {
        query.first { $0.name.lowercased() == name }?.value
    }
}

/// Why a signed request was refused.
public enum RequestSignatureError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(parameter: String)
    case repeated(parameter: String)
    case unknownKey
    case version(String)
    case expired(seconds: Int)
    case bodyDigest
    case signature

    public var description: String {
        switch self {
        case .missing(let name): "the query has no \(name); sign the request"
        case .repeated(let name): "the query has \(name) more than once"
        case .unknownKey: "auth_key is not the key of this app"
        case .version(let version): "auth_version is \"\(version.prefix(16))\", it must be 1.0"
        case .expired(let seconds):
            "auth_timestamp is \(abs(seconds)) s \(seconds > 0 ? "old" : "ahead"), at most 600 s are allowed; "
                + "set the clocks"
        case .bodyDigest: "body_md5 is not the MD5 of the body"
        case .signature: "auth_signature is wrong; check the app's secret"
        }
    }
}

extension AppCredentials {
    /// How far a request's time may be off, in seconds.
    public static let timestampTolerance = 600

    /// - Throws: ``RequestSignatureError``: the first thing that is wrong.
    public func verify(_ request: SignedRequest, unixTime: Int) throws(RequestSignatureError) {
        for name in ["auth_key", "auth_timestamp", "auth_version", "auth_signature"] {
            let count = request.query.count { $0.name.lowercased() == name }
            if count > 1 { throw .repeated(parameter: name) }
            if count == 0 { throw .missing(parameter: name) }
        }
        guard isEqualInConstantTime(request.parameter("auth_key") ?? "", key) else { throw .unknownKey }
        let version = request.parameter("auth_version") ?? ""
        guard version == "1.0" else { throw .version(version) }
        guard isEqualInConstantTime(request.parameter("auth_signature") ?? "", sign(request.signedText)) else {
            throw .signature
        }
        let (age, overflow) = unixTime.subtractingReportingOverflow(
            Int(request.parameter("auth_timestamp") ?? "") ?? .min / 2)
        guard !overflow, (-Self.timestampTolerance...Self.timestampTolerance).contains(age) else {
            throw .expired(seconds: overflow ? .max : age)
        }
        if !request.body.isEmpty {
            guard let digest = request.parameter("body_md5") else { throw .missing(parameter: "body_md5") }
            guard isEqualInConstantTime(digest, hex(Insecure.MD5.hash(data: request.body))) else { throw .bodyDigest }
        }
    }
}
