extension SerialAddress {
    /// Opens the port at this speed. Lines and board are left as they are, as far as the driver lets them be.
    public func open(baud: Int) throws(SerialError) -> any SerialPort {
        switch self {
        case .terminal(let path): try TerminalPort(path: path, baud: baud)
        case .usb(let selector): try USBSerialPort(selector, baud: baud)
        case .rfc2217(let host, let port): try RFC2217Port(host: host, port: port, baud: baud)
        case .tcp(let host, let port): try TCPPort(host: host, port: port)
        }
    }
}
