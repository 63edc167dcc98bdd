import ESPLoader
import Testing

@testable import Flash

@Suite struct RAMProgramTests {
    @Test("a segment that begins in memory and ends behind it is refused")
    func tooLarge() throws {
        func program(_ count: Int) throws -> RAMProgram {
            let segment = ImageSegment(address: 0x4010_FF00, data: [UInt8](repeating: 1, count: count))
            let image = FirmwareImage(header: ImageHeader(entry: 0x4010_FF00), segments: [segment])
            return try RAMProgram(InputFile(path: "p.bin", bytes: image.encoded))
        }
        #expect(try program(0x100).bytes == 0x100)
        #expect(
            throws: FlashError.inputFile(
                path: "p.bin", reason: "a segment of 260 bytes at 0x4010ff00 is larger than the memory there")
        ) { try program(0x104) }
    }
}
