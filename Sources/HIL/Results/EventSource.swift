/// Who said a line of the journal, such as the serial port of `lamp-1`.
struct EventSource: Hashable, Codable, Sendable {
    enum Kind: String, Codable, Sendable, CaseIterable {
        case runner, serial, unit, base, hub, network, power
    }

    let kind: Kind
    /// Which one of its kind, by its name in the suite.
    let name: String
}
