/// What a USB-serial chip has to be told, and how it packs what it has received. Pure: requests come out, nothing is sent.
///
/// Every line is eight bits, no parity, one stop bit, no flow control.
protocol USBSerialDriver: Sendable {
    /// How many bytes a transfer from the chip is asked for; a multiple of any packet of full speed.
    var transferSize: Int { get }
    /// From the chip's reset to a line that works, with DTR and RTS released.
    func opening(baud: Int) throws(BaudError) -> [USBControlRequest]
    func setting(baud: Int) throws(BaudError) -> USBControlRequest
    /// Both lines in one request; true is asserted, which is low at the pin.
    func setting(dtr: Bool, rts: Bool) -> USBControlRequest
    /// Drops what the chip has received and not handed over; empty where it has no such request.
    var discardingInput: [USBControlRequest] { get }
    /// Ends what `opening` began.
    var closing: [USBControlRequest] { get }
    /// What the line has carried, out of what a transfer has brought.
    ///
    /// - Parameter packetSize: The endpoint's: a transfer consists of packets of this size and a last one.
    func payload(of transfer: [UInt8], packetSize: Int) -> [UInt8]
}

extension USBSerialDriver {
    var discardingInput: [USBControlRequest] { [] }
    var closing: [USBControlRequest] { [] }
    func payload(of transfer: [UInt8], packetSize: Int) -> [UInt8] { transfer }
}

/// A speed that a chip cannot do.
enum BaudError: Error, Sendable, Equatable, CustomStringConvertible {
    case outOfRange(Int, chip: String, ClosedRange<Int>)
    /// The nearest speed is too far away for eight bits to arrive.
    case tooFarOff(Int, chip: String, nearest: Int)

    /// What a UART of eight bits bears when the other end is right (parts in a thousand).
    static let tolerance = 25

    static func check(_ baud: Int, is actual: Int, chip: String) throws(BaudError) {
        guard abs(actual - baud) * 1000 <= baud * tolerance else {
            throw .tooFarOff(baud, chip: chip, nearest: actual)
        }
    }

    var description: String {
        switch self {
        case .outOfRange(let baud, let chip, let range):
            "the \(chip) cannot do \(baud) baud; it goes from \(range.lowerBound) to \(range.upperBound)"
        case .tooFarOff(let baud, let chip, let nearest):
            "the \(chip) cannot do \(baud) baud; the nearest that it can is \(nearest)"
        }
    }
}
