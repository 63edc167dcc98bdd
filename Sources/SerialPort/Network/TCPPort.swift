/// A serial port behind plain TCP: bytes alone. The server decides on the speed, and no line reaches the board.
final class TCPPort: SerialPort {
    let name: String
    let hasModemLines = false
    private let connection: TCPConnection

    init(host: String, port: Int) throws(SerialError) {
        name = SerialAddress.tcp(host: host, port: port).name
        connection = try TCPConnection(name: name, host: host, port: port, until: .now + SerialTimes.answer)
    }

    /// The server's speed stands.
    func set(baud: Int) {}
    func set(dtr: Bool?, rts: Bool?) {}

    func write(_ bytes: [UInt8], within limit: Duration) throws(SerialError) {
        try connection.write(bytes, until: .now + limit)
    }

    func read(within limit: Duration) throws(SerialError) -> [UInt8] {
        try connection.read(until: .now + limit)
    }

    func discardInput() throws(SerialError) {
        // Who sends without a pause is not waited for.
        let deadline = ContinuousClock.now + .milliseconds(100)
        while try !connection.read(until: .now).isEmpty, ContinuousClock.now < deadline {}
    }

    func close() {
        connection.close()
    }
}
