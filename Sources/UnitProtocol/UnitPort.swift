/// Where units listen.
public enum UnitPort {
    /// The TCP port of both original sketches (`WiFiServer server(8888)`).
    public static let firmware = 8888
}
