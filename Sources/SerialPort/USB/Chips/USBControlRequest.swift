/// A control transfer to a device, as a value: what the chips' drivers say, and what tests compare byte for byte.
///
/// Source: USB 2.0, 9.3 (setup data).
struct USBControlRequest: Sendable, Hashable {
    enum Direction: Sendable, Hashable {
        /// To the device, with these bytes.
        case out([UInt8])
        /// From the device, at most so many bytes.
        case `in`(Int)
    }

    /// `bmRequestType`, with the direction's bit.
    var type: UInt8
    /// `bRequest`.
    var request: UInt8
    /// `wValue`.
    var value: UInt16
    /// `wIndex`.
    var index: UInt16
    var direction: Direction

    init(_ type: UInt8, _ request: UInt8, value: UInt16, index: UInt16, _ direction: Direction = .out([])) {
        self.type = type
        self.request = request
        self.value = value
        self.index = index
        self.direction = direction
    }
}
