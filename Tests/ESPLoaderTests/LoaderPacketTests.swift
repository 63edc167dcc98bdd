import ESPLoader
import Testing

@Suite struct LoaderPacketTests {
    @Test("SYNC on the wire is what the ROM waits for")
    func sync() {
        let content = LoaderCommand.sync.request.content
        #expect(content == [0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20] + [UInt8](repeating: 0x55, count: 32))
    }

    @Test("a block carries its length, number and checksum")
    func block() {
        let content = LoaderCommand.flashData(sequence: 5, data: [0x01, 0xC0, 0x10]).request.content
        #expect(
            content == [
                0, 3, 19, 0, 0x01 ^ 0xC0 ^ 0x10 ^ 0xEF, 0, 0, 0,
                3, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xC0, 0x10,
            ])
    }

    @Test(
        "each command has its opcode and parameters",
        arguments: [
            (LoaderCommand.readRegister(address: 0x4000_1000), [0, 0x0A, 4, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x40]),
            (.memoryEnd(entry: nil), [0, 6, 8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
            (.memoryEnd(entry: 0x4010_0000), [0, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x40]),
            (.flashEnd(reboot: false), [0, 4, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
            (
                .flashBegin(eraseSize: 0x1000, blocks: 4, blockSize: 0x400, offset: 0x2000),
                [0, 2, 16, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0x20, 0, 0]
            ),
            (
                .writeRegister(address: 0x6000_0200, value: 1, mask: 3, delay: 9),
                [0, 9, 16, 0, 0, 0, 0, 0, 0, 2, 0, 0x60, 1, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0]
            ),
        ] as [(LoaderCommand, [UInt8])])
    func commands(command: LoaderCommand, content: [UInt8]) throws {
        #expect(command.request.content == content)
        #expect(try LoaderRequest(content: content) == command.request)
    }

    @Test("an answer's value, data and refusal are read")
    func answers() throws {
        let value = try LoaderResponse(content: [1, 0x0A, 2, 0, 1, 0xC1, 0xF0, 0xFF, 0, 0])
        #expect(value == LoaderResponse(opcode: 0x0A, value: 0xFFF0_C101, body: [0, 0]))
        #expect(value.refusal == nil && value.data == [])
        let refused = try LoaderResponse(content: [1, 3, 2, 0, 0, 0, 0, 0, 1, 7])
        #expect(refused.refusal == .badChecksum)
        #expect("\(LoaderRefusal.badChecksum)" == "the block's checksum is wrong (07)")
        #expect("\(LoaderRefusal(code: 0x99))" == "the loader gave an error that is not documented (99)")
        let digest = try LoaderResponse(content: [1, 0x13, 4, 0, 0, 0, 0, 0, 9, 8, 0, 0])
        #expect(digest.data == [9, 8])
    }

    @Test("every cut of a packet, and every wrong length, is malformed")
    func malformed() {
        let content: [UInt8] = [1, 8, 4, 0, 7, 7, 0x12, 0x20, 1, 2, 0, 0]
        for length in 0..<content.count {
            #expect(throws: MalformedPacket.self) { try LoaderResponse(content: Array(content[..<length])) }
        }
        #expect(throws: MalformedPacket.wrongLength(stated: 4, found: 5)) { try LoaderResponse(content: content + [0]) }
        #expect(throws: MalformedPacket.wrongDirection(1)) { try LoaderRequest(content: content) }
        #expect(throws: MalformedPacket.wrongDirection(nil)) { try LoaderRequest(content: []) }
        #expect(throws: MalformedPacket.tooShort(bytes: 8)) { try LoaderResponse(content: [1, 8, 0, 0, 0, 0, 0, 0]) }
    }
}
