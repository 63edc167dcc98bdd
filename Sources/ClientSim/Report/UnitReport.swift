import UnitProtocol

/// What can be seen of a unit from outside.
public struct UnitReport: Hashable, Sendable {
    public enum Event: Hashable, Sendable {
        /// One line on its serial console, control characters included.
        case console(String)
        /// Its pixels were set.
        case shows(Color)
    }

    public var unit: String
    public var event: Event

    public init(unit: String, event: Event) {
        self.unit = unit
        self.event = event
    }
}
