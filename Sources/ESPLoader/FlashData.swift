/// A piece of data and its place in the flash: what every input format comes to.
public struct FlashData: Sendable, Equatable {
    public var offset: FlashOffset
    public var bytes: [UInt8]

    public init(offset: FlashOffset, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }
}
