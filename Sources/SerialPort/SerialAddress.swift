import Foundation

/// How a user names a serial port.
public enum SerialAddress: Sendable, Equatable {
    /// A terminal device, `/dev/ttyUSB0`.
    case terminal(path: String)
    /// `usb:1-1.2`, `usb:1a86:7523` or `usb:serial=0001`, each with `#1` for an adapter's second line: an adapter that this
    /// process drives itself.
    case usb(USBSelector)
    /// `rfc2217://host:port`: a serial server that carries the speed and the lines.
    case rfc2217(host: String, port: Int)
    /// `socket://host:port`: plain TCP, bytes alone.
    case tcp(host: String, port: Int)

    static let usbScheme = "usb:"

    /// - Throws: ``SerialError`` with the reason `badAddress`.
    public init(_ text: String) throws(SerialError) {
        if text.hasPrefix(Self.usbScheme) {
            guard let selector = USBSelector(text.dropFirst(Self.usbScheme.count)) else {
                throw SerialError(
                    text,
                    .badAddress(
                        "a USB adapter is a place (usb:1-1.2), vendor and product (usb:1a86:7523) or usb:serial=TEXT, and #1 "
                            + "after it is the second of several lines"))
            }
            self = .usb(selector)
            return
        }
        guard let scheme = text.range(of: "://") else {
            guard text.contains("/") || FileManager.default.fileExists(atPath: text) else {
                throw SerialError(
                    text,
                    .badAddress(
                        "a port is a path (/dev/ttyUSB0), usb:1a86:7523, rfc2217://host:port or socket://host:port"))
            }
            self = .terminal(path: text)
            return
        }
        let (host, port) = try Self.endpoint(String(text[scheme.upperBound...]), of: text)
        switch text[..<scheme.lowerBound] {
        case "rfc2217": self = .rfc2217(host: host, port: port)
        case "socket": self = .tcp(host: host, port: port)
        default: throw SerialError(text, .badAddress("known are rfc2217://host:port and socket://host:port"))
        }
    }

    /// As a user would write it.
    public var name: String {
        switch self {
        case .terminal(let path): path
        case .usb(let selector): "\(Self.usbScheme)\(selector)"
        case .rfc2217(let host, let port): "rfc2217://\(Self.bracketed(host)):\(port)"
        case .tcp(let host, let port): "socket://\(Self.bracketed(host)):\(port)"
        }
    }

    /// The same for all names of one port: a link is followed.
    public var device: String {
        guard case .terminal(let path) = self else { return name }
        return URL(filePath: path).resolvingSymlinksInPath().path
    }

    /// An IPv6 address stands in brackets before a port.
    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    /// `host:port` or `[address]:port`.
    private static func endpoint(_ text: String, of whole: String) throws(SerialError) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw SerialError(whole, .badAddress("a TCP port from 1 to 65535 is missing after the host")) }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw SerialError(whole, .badAddress("the host is missing")) }
        return (String(host), port)
    }
}
