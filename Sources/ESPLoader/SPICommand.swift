/// One command to the flash, given through the registers of the chip's SPI controller.
///
/// Source: the controller's user mode as Espressif's drivers use it. The registers describe which phases a command has; the
/// phases' lengths are in bits, less one; an address stands in the highest bits; data in both directions is in 16 words.
public struct SPICommand: Sendable, Equatable {
    public var opcode: UInt8
    /// 24 bits; nil for a command without.
    public var address: UInt32?
    /// At most 64 bytes.
    public var output: [UInt8]
    /// At most 64 bytes.
    public var inputBytes: Int

    public init(_ opcode: UInt8, address: UInt32? = nil, output: [UInt8] = [], inputBytes: Int = 0) {
        precondition(output.count <= Self.mostBytes && inputBytes <= Self.mostBytes, "the controller holds 64 bytes")
        self.opcode = opcode
        self.address = address
        self.output = output
        self.inputBytes = inputBytes
    }

    public static let mostBytes = 64

    public static let readIdentity = SPICommand(0x9F, inputBytes: 3)
    public static let writeEnable = SPICommand(0x06)
    public static let readStatus = SPICommand(0x05, inputBytes: 1)
    public static let readSecondStatus = SPICommand(0x35, inputBytes: 1)
    public static let eraseChip = SPICommand(0xC7)

    public static func eraseSector(_ address: UInt32) -> SPICommand { SPICommand(0x20, address: address) }
    public static func eraseBlock(_ address: UInt32) -> SPICommand { SPICommand(0xD8, address: address) }
    public static func read(_ address: UInt32, _ count: Int) -> SPICommand {
        SPICommand(0x03, address: address, inputBytes: count)
    }
    public static func writeStatus(_ bytes: [UInt8]) -> SPICommand { SPICommand(0x01, output: bytes) }

    /// Whether the flash is another one after it.
    public var changesFlash: Bool { [0x01, 0x02, 0x20, 0x31, 0xC7, 0xD8].contains(opcode) }

    /// In the first status register: the flash erases or programs.
    public static let busyBit: UInt8 = 1
    /// In the first status register: the next command may change the flash.
    public static let writeEnabledBit: UInt8 = 2

    public struct Register: Sendable, Equatable {
        public var address: UInt32
        public var value: UInt32

        public init(_ address: UInt32, _ value: UInt32) {
            self.address = address
            self.value = value
        }
    }

    private static let base: UInt32 = 0x6000_0200
    /// The register whose bit 18 starts the command and is clear again when it is over.
    public static let start = Register(base, 1 << 18)
    /// The registers that describe a command's phases. The ROM uses the controller with values of its own.
    public static let phases: [UInt32] = [base + 0x1C, base + 0x20, base + 0x24]
    private static let firstWord = base + 0x40

    /// What the registers must hold before ``start`` is written, in order.
    public var setup: [Register] {
        var user: UInt32 = 1 << 31
        var lengths: UInt32 = 0
        if address != nil {
            user |= 1 << 30
            lengths |= 23 << 26
        }
        if inputBytes > 0 {
            user |= 1 << 28
            lengths |= UInt32(inputBytes * 8 - 1) << 8
        }
        if !output.isEmpty {
            user |= 1 << 27
            lengths |= UInt32(output.count * 8 - 1) << 17
        }
        var registers = [
            Register(Self.base + 0x1C, user), Register(Self.base + 0x20, lengths),
            Register(Self.base + 0x24, 7 << 28 | UInt32(opcode)),
        ]
        if let address { registers.append(Register(Self.base + 0x04, address << 8)) }
        for (index, start) in stride(from: 0, to: output.count, by: 4).enumerated() {
            let word = output[start...].prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            registers.append(Register(Self.firstWord + UInt32(index * 4), word))
        }
        return registers
    }

    /// Where the answer stands, a word each.
    public var inputRegisters: [UInt32] {
        (0..<(inputBytes + 3) / 4).map { Self.firstWord + UInt32($0 * 4) }
    }

    /// The answer out of the words of ``inputRegisters``.
    public func input(_ words: [UInt32]) -> [UInt8] {
        let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
        return Array(bytes.prefix(inputBytes))
    }
}
