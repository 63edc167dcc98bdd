/// What joins a board's UART to a host.
protocol BoardPort: AnyObject {
    /// The speed at which the host listens and talks (bits a second).
    var baud: Int { get }
    /// Sends to the host, in order; never blocks.
    func send(_ bytes: [UInt8])
    /// Goes away, as an adapter that is pulled out.
    func vanish()
}
