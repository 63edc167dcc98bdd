/// An answer of the loader, as it stands in a frame: `01 opcode length16 value32 body`, little endian.
///
/// The last bytes of the body are the status: two on the ESP8266 (0 or 1, then the error's code).
public struct LoaderResponse: Sendable, Equatable {
    public var opcode: UInt8
    /// What a register read gives; after SYNC not 0 from the ROM and 0 from a stub.
    public var value: UInt32
    /// Everything after the header, with the status.
    public var body: [UInt8]

    static let direction: UInt8 = 0x01
    /// The status bytes of the ESP8266.
    public static let statusBytes = 2

    public init(opcode: UInt8, value: UInt32 = 0, body: [UInt8]) {
        self.opcode = opcode
        self.value = value
        self.body = body
    }

    /// Reads the content of a frame.
    public init(content: [UInt8]) throws(MalformedPacket) {
        guard content.first == Self.direction else { throw .wrongDirection(content.first) }
        guard let length = content.halfWord(at: 2), let value = content.word(at: 4) else {
            throw .tooShort(bytes: content.count)
        }
        let body = Array(content.dropFirst(LoaderRequest.headerBytes))
        guard body.count == Int(length) else { throw .wrongLength(stated: Int(length), found: body.count) }
        guard body.count >= Self.statusBytes else { throw .tooShort(bytes: content.count) }
        opcode = content[1]
        self.value = value
        self.body = body
    }

    /// The content of the frame that carries it.
    public var content: [UInt8] {
        let length = UInt16(body.count)
        return [Self.direction, opcode, UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
            + Array(littleEndian: value) + body
    }

    /// The body without the status.
    public var data: [UInt8] { body.dropLast(Self.statusBytes) }

    /// Whether the value is the CRC-32 of everything else, begun with the request's, as it is in the answers to our stub's own
    /// commands: so a late answer is never taken for that to another request.
    ///
    /// - Parameter request: The request's checksum; 0 for what a job says of itself.
    public func isIntact(after request: UInt32 = 0) -> Bool {
        value == CRC32.of(content.prefix(4) + body, after: request)
    }

    /// Nil when the command was carried out.
    public var refusal: LoaderRefusal? {
        let status = body.suffix(Self.statusBytes)
        return status.first == 0 ? nil : LoaderRefusal(code: status.last ?? 0)
    }
}
