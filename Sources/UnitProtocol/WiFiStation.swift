/// What a unit knows of its network; shown in the boot text.
public struct WiFiStation: Hashable, Sendable {
    public var ssid: String
    public var address: IPv4Address
    /// How long the access point takes to let the unit in.
    public var association: Duration

    public init(ssid: String = "iot", address: IPv4Address, association: Duration = .zero) {
        self.ssid = ssid
        self.address = address
        self.association = association
    }
}
