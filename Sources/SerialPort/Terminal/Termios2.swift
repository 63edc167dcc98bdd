#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The settings of a terminal line with its speeds as numbers, so that any baud rate can be asked for.
///
/// Layout and request codes are Linux's `struct termios2` (asm-generic/termbits.h), which glibc does not declare.
public struct Termios2: Sendable, Equatable {
    public var inputModes: UInt32
    public var outputModes: UInt32
    public var controlModes: UInt32
    public var localModes: UInt32
    public var lineDiscipline: UInt8
    /// The control characters, 19 of them.
    public var controlCharacters: [UInt8]
    /// Bits a second.
    public var inputSpeed: UInt32
    /// Bits a second.
    public var outputSpeed: UInt32

    private static let bytes = 44
    private static let characters = 19
    private static let get: UInt = 0x802C_542A
    private static let set: UInt = 0x402C_542B
    /// CBAUD, and BOTHER in its place: the speed stands in the speed fields.
    private static let speedMask: UInt32 = 0o010017
    private static let otherSpeed: UInt32 = 0o010000
    private static let inputSpeedShift: UInt32 = 16

    /// Reads the settings of an open line.
    ///
    /// - Throws: `TerminalError` where the descriptor is no terminal.
    public init(of descriptor: Int32) throws(TerminalError) {
        var raw = [UInt8](repeating: 0, count: Self.bytes)
        guard ioctl(descriptor, Self.get, &raw) == 0 else { throw TerminalError(operation: "TCGETS2", errno: errno) }
        func word(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(raw[offset + $1]) << (8 * UInt32($1)) } }
        inputModes = word(0)
        outputModes = word(4)
        controlModes = word(8)
        localModes = word(12)
        lineDiscipline = raw[16]
        controlCharacters = Array(raw[17..<17 + Self.characters])
        inputSpeed = word(36)
        outputSpeed = word(40)
    }

    /// Makes the line have these settings, at once.
    public func apply(to descriptor: Int32) throws(TerminalError) {
        var raw: [UInt8] = []
        func append(_ word: UInt32) {
            for shift: UInt32 in [0, 8, 16, 24] { raw.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        append(inputModes)
        append(outputModes)
        append(controlModes)
        append(localModes)
        raw.append(lineDiscipline)
        raw += controlCharacters
        append(inputSpeed)
        append(outputSpeed)
        guard ioctl(descriptor, Self.set, &raw) == 0 else { throw TerminalError(operation: "TCSETS2", errno: errno) }
    }

    /// Bytes pass as they are, eight bits, no parity, one stop bit, no flow control, at `baud` in both directions.
    public mutating func makeRaw(baud: UInt32) {
        inputModes = 0
        outputModes = 0
        localModes = 0
        // CS8, CREAD, CLOCAL; without HUPCL, so that closing the port does not drop DTR and RTS.
        controlModes = 0o000060 | 0o000200 | 0o004000
        controlModes |= Self.otherSpeed | Self.otherSpeed << Self.inputSpeedShift
        inputSpeed = baud
        outputSpeed = baud
        controlCharacters = [UInt8](repeating: 0, count: Self.characters)
        // VMIN: a read returns what is there.
        controlCharacters[6] = 1
    }
}
