/// How the chip reads its flash, the third byte of an image's header.
public enum FlashMode: UInt8, Sendable, CaseIterable {
    case qio = 0
    case qout = 1
    case dio = 2
    case dout = 3

    public var name: String { "\(self)" }

    public init?(name: String) {
        guard let mode = Self.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
        self = mode
    }
}
