/// A piece of an image and the address to which the loader copies it.
public struct ImageSegment: Sendable, Equatable {
    public var address: UInt32
    public var data: [UInt8]

    public init(address: UInt32, data: [UInt8]) {
        self.address = address
        self.data = data
    }
}
