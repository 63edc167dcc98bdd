/// A serial line that is held open: bytes in both directions, its speed, and the lines DTR and RTS.
///
/// Eight bits, no parity, one stop bit, no flow control. One thread at a time uses it. Every call ends within the time it
/// is given, or within ``SerialTimes/answer`` where it is given none.
public protocol SerialPort: AnyObject {
    /// What messages call it: the path or the address that it was opened by.
    var name: String { get }
    /// Whether ``set(dtr:rts:)`` reaches a board. A pseudo terminal and plain TCP carry no such lines.
    var hasModemLines: Bool { get }

    /// Changes the speed of both directions, at once (bits a second): what was written and is still on its way may go out
    /// at either speed.
    func set(baud: Int) throws(SerialError)
    /// Sets the lines, both at once where the port can; true is asserted, which is low at the pin. Nil leaves a line as it
    /// is. Without modem lines it does nothing.
    func set(dtr: Bool?, rts: Bool?) throws(SerialError)
    /// Gives all bytes to the line.
    func write(_ bytes: [UInt8], within limit: Duration) throws(SerialError)
    /// What has come; waits for the first byte.
    ///
    /// - Returns: At least one byte, or nothing when `limit` has passed.
    func read(within limit: Duration) throws(SerialError) -> [UInt8]
    /// Drops what has come and was not read.
    func discardInput() throws(SerialError)
    /// Ends it; a second call does nothing.
    func close()
}

/// Time limits of the ports.
public enum SerialTimes {
    /// How long the other end of a network port may take to confirm a setting, and how long a connection may take to come
    /// about: the search for the host's address and all that both ends agree on, together.
    public static let answer = Duration.seconds(5)
}
