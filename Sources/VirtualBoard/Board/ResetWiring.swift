/// How DTR and RTS reach EN and GPIO0 on a board: two transistors, each line pulling its pin low only while the other line
/// is not asserted.
///
/// The capacitor at EN keeps the chip reset while both lines change, so EN stays low from the moment when RTS alone is
/// asserted until RTS drops; then the chip looks at GPIO0. Source: the schematics of NodeMCU v2 and D1 mini.
struct ResetWiring: Sendable {
    enum Effect: Equatable, Sendable {
        /// EN is low.
        case hold
        /// EN is high again; GPIO0 has this level.
        case release(gpio0: Bool)
    }

    private var dtr = false
    private var rts = false
    private var isHeld = false

    /// Takes new levels; true is asserted, nil leaves a line as it is.
    mutating func set(dtr newDTR: Bool? = nil, rts newRTS: Bool? = nil) -> Effect? {
        dtr = newDTR ?? dtr
        rts = newRTS ?? rts
        if !isHeld, rts, !dtr {
            isHeld = true
            return .hold
        }
        guard isHeld, !rts else { return nil }
        isHeld = false
        return .release(gpio0: !dtr)
    }
}
