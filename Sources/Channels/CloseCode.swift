/// Why a server closed a connection: the WebSocket close codes from 4000 on.
public struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let unknownApp = CloseCode(rawValue: 4001)
    public static let pathNotFound = CloseCode(rawValue: 4005)
    public static let badVersion = CloseCode(rawValue: 4006)
    public static let unsupportedProtocol = CloseCode(rawValue: 4007)
    public static let noProtocol = CloseCode(rawValue: 4008)
    public static let unauthorized = CloseCode(rawValue: 4009)
    public static let overCapacity = CloseCode(rawValue: 4100)
    public static let reconnect = CloseCode(rawValue: 4200)
    public static let noPong = CloseCode(rawValue: 4201)
    /// The peer does not keep to the protocol. The number is in the class "other"; this server's own choice.
    public static let protocolAbuse = CloseCode(rawValue: 4300)
    public static let clientEventRate = CloseCode(rawValue: 4301)

    /// What a client may do after it.
    public enum Reconnect: Hashable, Sendable {
        /// 4000-4099: the same attempt would fail the same way; something has to be changed first.
        case onlyWhenChanged
        /// 4100-4199: after at least a second, with back-off.
        case later
        /// 4200-4299: at once.
        case atOnce
        /// Everything else, a lost connection too: with back-off.
        case backOff
    }

    public var reconnect: Reconnect {
        switch rawValue {
        case 4000...4099: .onlyWhenChanged
        case 4100...4199: .later
        case 4200...4299: .atOnce
        default: .backOff
        }
    }

    /// The number, and what it means on any server, this one's or another's.
    public var description: String {
        switch rawValue {
        case 4000: "4000 the app takes only encrypted connections"
        case 4001: "4001 the app key is not known"
        case 4003: "4003 the app is disabled"
        case 4004: "4004 the app is over its quota"
        case 4005: "4005 the path was not found"
        case 4006: "4006 the protocol version is not a number"
        case 4007: "4007 the protocol version is not supported"
        case 4008: "4008 no protocol version was named"
        case 4009: "4009 not authorized"
        case 4100: "4100 the server is over capacity"
        case 4200: "4200 the server asks to reconnect"
        case 4201: "4201 a ping was not answered"
        case 4202: "4202 the connection was silent for too long"
        case 4300: "4300 too many messages that are not the protocol"
        case 4301: "4301 too many client events"
        default: String(rawValue)
        }
    }
}
