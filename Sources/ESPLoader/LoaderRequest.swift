/// A command to the loader, as it stands in a frame: `00 opcode length16 checksum32 payload`, little endian.
public struct LoaderRequest: Sendable, Equatable {
    /// The opcode; a raw byte, so that a board can answer what it does not know.
    public var opcode: UInt8
    /// For blocks of data the checksum of the data, otherwise 0.
    public var checksum: UInt32
    public var payload: [UInt8]

    static let direction: UInt8 = 0x00
    static let headerBytes = 8

    public init(_ opcode: Opcode, checksum: UInt32 = 0, payload: [UInt8] = []) {
        self.opcode = opcode.rawValue
        self.checksum = checksum
        self.payload = payload
    }

    /// A command to our stub: the checksum is the CRC-32 of everything but itself.
    init(checked opcode: Opcode, payload: [UInt8]) {
        self.init(opcode, payload: payload)
        checksum = CRC32.of(content.prefix(4) + payload)
    }

    /// Reads the content of a frame.
    public init(content: [UInt8]) throws(MalformedPacket) {
        guard content.first == Self.direction else { throw .wrongDirection(content.first) }
        guard let length = content.halfWord(at: 2), let checksum = content.word(at: 4) else {
            throw .tooShort(bytes: content.count)
        }
        let payload = Array(content.dropFirst(Self.headerBytes))
        guard payload.count == Int(length) else { throw .wrongLength(stated: Int(length), found: payload.count) }
        opcode = content[1]
        self.checksum = checksum
        self.payload = payload
    }

    /// The content of the frame that carries it.
    public var content: [UInt8] {
        let length = UInt16(payload.count)
        return [Self.direction, opcode, UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
            + Array(littleEndian: checksum) + payload
    }

    /// The checksum of a block's data: XOR of all bytes, beginning with EF.
    public static func checksum(of data: some Sequence<UInt8>) -> UInt8 {
        data.reduce(0xEF, ^)
    }
}
