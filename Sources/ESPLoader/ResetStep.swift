/// One step of a reset: what the host does with the adapter's two outgoing lines.
///
/// On NodeMCU and D1 mini DTR drives GPIO0 and RTS drives EN, both inverted and crossed so that both together do
/// nothing. Asserted means low at the pin.
public enum ResetStep: Sendable, Equatable {
    /// Sets both lines at once.
    case lines(dtr: Bool, rts: Bool)
    /// Sets DTR (GPIO0) alone.
    case dtr(Bool)
    /// Sets RTS (EN) alone.
    case rts(Bool)
    case pause(Duration)
}
