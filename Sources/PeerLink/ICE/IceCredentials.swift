/// What a side's connectivity checks are made with (RFC 8839, 5.4): a fragment that names the session, and a password.
public struct IceCredentials: Hashable, Sendable {
    /// 4 to 256 characters of `A-Z a-z 0-9 + /`.
    public let ufrag: String
    /// 22 to 256 of the same.
    public let password: String

    /// - Returns: Nil where one is too short, too long, or has another character.
    public init?(ufrag: String, password: String) {
        guard (4...256).contains(ufrag.utf8.count), (22...256).contains(password.utf8.count),
            ufrag.utf8.allSatisfy(Self.isAllowed), password.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.ufrag = ufrag
        self.password = password
    }

    /// New ones: 48 random bits of ufrag, 144 of password.
    public init(using random: inout some RandomNumberGenerator) {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        func text(_ count: Int) -> String {
            String((0..<count).map { _ in letters[Int.random(in: 0..<64, using: &random)] })
        }
        ufrag = text(8)
        password = text(24)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
