/// What happens to a unit's firmware.
public enum UnitInput: Hashable, Sendable {
    /// Power is applied; the first input of all.
    case powered
    /// The connection that ``UnitAction/accept`` asked for is there.
    case accepted
    /// Bytes arrived on the accepted connection; at most ``UnitFirmware/receiveRoom``.
    case received([UInt8])
    /// The network took this many of the bytes that were sent.
    case sent(Int)
    /// The peer's FIN arrived, be it of a close or of a half-close, after all bytes before it.
    case peerClosed
    /// The connection is gone without a FIN.
    case reset
    /// What the analog input reads; the answer to ``UnitAction/sample``.
    case sampled(Int)
    /// The time that ``UnitAction/wake(at:)`` named has come.
    case wake
}

/// What a unit's firmware does.
public enum UnitAction: Hashable, Sendable {
    /// Takes the oldest pending connection, or the next that comes.
    case accept
    /// Writes to the accepted connection.
    case send([UInt8])
    /// Closes the accepted connection.
    case close
    /// Prints one line on the serial console; the text is as the peer sent it, control characters included.
    case console(String)
    /// Reads the analog input; answered at once by ``UnitInput/sampled(_:)``.
    case sample
    /// Sets all pixels to a colour, changed or not.
    case show(Color)
    /// Wants ``UnitInput/wake`` at this time; replaces the time that was named before.
    case wake(at: Duration)
}
