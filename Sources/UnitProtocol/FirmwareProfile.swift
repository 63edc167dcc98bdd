/// What a version of the ESP8266 Arduino core makes of the same sketch.
///
/// Source: the core's WiFiClient, WiFiServer, Stream and ClientContext at tags 2.6.3 and 3.1.2, built with the
/// default "lower memory" variant of lwIP.
public struct FirmwareProfile: Hashable, Sendable, CustomStringConvertible {
    /// How users name the profile: `core-3.1`.
    public let name: String
    /// How long `readStringUntil` waits after each byte for the next one. The peer's close does not end the wait.
    public var streamTimeout: Duration = .seconds(5)
    /// How long `write` blocks while the send buffer is full before it returns short.
    public var writeTimeout: Duration = .seconds(5)
    /// Whether a client whose FIN has arrived still counts as connected while unread bytes of it are buffered.
    public let readsAfterPeerClosed: Bool
    /// How many clients may wait, handshake done, while one is served. A further SYN gets no answer.
    public let waitingClients: Int
    /// lwIP's segment size in bytes.
    public var segmentBytes = 536
    /// What of the heap one line without CR can fill before further bytes are dropped.
    public var lineHeapBytes = 40 * 1024

    /// Bytes that `write` takes without blocking while none is acknowledged.
    public var sendBufferBytes: Int { 2 * segmentBytes }
    /// Bytes that lwIP buffers until the sketch reads them.
    public var receiveWindowBytes: Int { 4 * segmentBytes }
    public var description: String { name }

    /// How long one pass of the sketch's loop takes in the model; real ones vary from 0.1 ms to a few milliseconds.
    public static let loopPass: Duration = .milliseconds(1)

    /// Core 2.6.3 and before: five connections in all, the served one among them; unread bytes survive a close.
    public static let core26 = FirmwareProfile(name: "core-2.6", readsAfterPeerClosed: true, waitingClients: 4)
    /// Core 2.7.0 to 3.1.2: five clients wait beside the served one; a close drops what is unread.
    public static let core31 = FirmwareProfile(name: "core-3.1", readsAfterPeerClosed: false, waitingClients: 5)

    public static let all = [core26, core31]

    private init(name: String, readsAfterPeerClosed: Bool, waitingClients: Int) {
        self.name = name
        self.readsAfterPeerClosed = readsAfterPeerClosed
        self.waitingClients = waitingClients
    }

    /// - Throws: ``UnknownProfile`` that lists the names.
    public static func named(_ name: String) throws(UnknownProfile) -> FirmwareProfile {
        guard let profile = all.first(where: { $0.name == name }) else { throw UnknownProfile(name: name) }
        return profile
    }
}

/// A profile's name that nobody knows.
public struct UnknownProfile: Error, Hashable, Sendable, CustomStringConvertible {
    public let name: String

    public var description: String {
        let known = FirmwareProfile.all.map(\.name).joined(separator: ", ")
        return "\"\(name.prefix(64))\" is no firmware profile; known are: \(known)"
    }
}
