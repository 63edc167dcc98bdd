import ESPLoader
import TestSupport
import Testing

/// Every reader with random input, and with valid input of which something is changed: an error or a value, never a crash,
/// and no more out than came in.
@Suite(.timeLimit(.minutes(5))) struct HostileInputTests {
    /// Changes, cuts, doubles and swaps bytes of `valid`; sometimes it is random altogether.
    private func broken(_ valid: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        if Int.random(in: 0..<8, using: &random) == 0 {
            return (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var bytes = valid
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.insert(bytes[place], at: place)
            case 2: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 3: bytes.remove(at: place)
            default: bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    /// Words as bytes, lowest first.
    private func words(_ words: UInt32...) -> [UInt8] {
        words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    /// An ELF file with a loaded section, symbols and their names, made by hand.
    private var elf: [UInt8] {
        let names = Array("\0.text\0.symtab\0.strtab\0".utf8)
        let strings = Array("\0start\0".utf8)
        let text: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let symbol = words(1, 0x4010_0000, 8) + [2, 0, 1, 0]
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
        bytes += [2, 0, 94, 0, 1, 0, 0, 0] + words(0x4010_0000, 0)
        let contents = names + strings + text + symbol
        bytes += words(UInt32(52 + contents.count), 0)
        bytes += [52, 0, 0, 0, 0, 0, 40, 0, 5, 0, 1, 0]
        bytes += contents
        let start = UInt32(52)
        func section(
            _ name: UInt32, _ type: UInt32, _ flags: UInt32, _ address: UInt32, _ at: Int, _ size: Int, _ link: UInt32
        )
            -> [UInt8]
        {
            words(name, type, flags, address, start + UInt32(at), UInt32(size), link, 0, 4, 16)
        }
        bytes += [UInt8](repeating: 0, count: 40)
        bytes += section(15, 3, 0, 0, 0, names.count, 0)
        bytes += section(1, 1, 6, 0x4010_0000, names.count + strings.count, text.count, 0)
        bytes += section(7, 2, 0, 0, names.count + strings.count + text.count, symbol.count, 4)
        bytes += section(15, 3, 0, 0, names.count, strings.count, 0)
        return bytes
    }

    @Test("the ELF file that is mutated is a right one")
    func valid() throws {
        let file = try ELF32(elf)
        #expect(file.entry == 0x4010_0000)
        #expect(file.sections.filter(\.isLoaded).map(\.name) == [".text"])
    }

    @Test("many headers that name one long text take no more than they need", .timeLimit(.minutes(1)))
    func longNames() throws {
        let (count, text) = (60_000, [UInt8](repeating: 0x41, count: 1_000_000))
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
        bytes += [2, 0, 94, 0, 1, 0, 0, 0] + words(0x4010_0000, 0, UInt32(52 + text.count), 0)
        bytes += [52, 0, 0, 0, 0, 0, 40, 0, UInt8(count & 0xFF), UInt8(count >> 8), 0, 0]
        bytes += text
        for _ in 0..<count { bytes += words(0, 8, 0, 0, 52, UInt32(text.count), 0, 0, 0, 0) }
        let file = try ELF32(bytes)
        #expect(file.sections.count == count)
        #expect(file.sections.last?.name == String(repeating: "A", count: 255))
    }

    @Test("many sections that touch are joined without copying what is joined already", .timeLimit(.minutes(1)))
    func manySections() throws {
        let count = 60_000
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
        let data = noise(400 * 4, seed: 1)
        bytes += [2, 0, 94, 0, 1, 0, 0, 0] + words(0x4010_0000, 0, UInt32(52 + 1 + count * 400), 0)
        bytes += [52, 0, 0, 0, 0, 0, 40, 0, UInt8((count + 1) & 0xFF), UInt8((count + 1) >> 8), 0, 0]
        bytes += [0]
        for index in 0..<count { bytes += data[index % 4 * 400..<(index % 4 + 1) * 400] }
        bytes += words(0, 3, 0, 0, 52, 1, 0, 0, 0, 0)
        for index in 0..<count {
            bytes += words(0, 1, 0, 0x3000_0000 + UInt32(index * 400), UInt32(53 + index * 400), 400, 0, 0, 0, 0)
        }
        let linked = try FirmwareImage.Linked(ELF32(bytes))
        #expect(linked.loaded.map(\.data.count) == [count * 400])
    }

    @Test("ELF files", arguments: 0..<400 as Range<UInt64>)
    func elfFiles(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = broken(elf, &random)
        guard let file = try? ELF32(bytes) else { return }
        #expect(file.sections.allSatisfy { $0.data.count <= bytes.count })
        _ = try? FirmwareImage.Linked(file)
    }

    @Test("Intel HEX files", arguments: 0..<400 as Range<UInt64>)
    func hexFiles(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let valid = ":0410000001020304E2\r\n:021004000506DF\n:020000040001F9\n:01000000AA55\n:00000001FF\n"
        let text = String(decoding: broken(Array(valid.utf8), &random), as: UTF8.self)
        guard let pieces = try? IntelHEX.parse(text) else { return }
        #expect(pieces.reduce(0) { $0 + $1.bytes.count } <= text.utf8.count)
    }

    @Test("UF2 files", arguments: 0..<400 as Range<UInt64>)
    func uf2Files(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let offset = try #require(FlashOffset(bytes: 0x1000))
        let valid = UF2.encode([FlashData(offset: offset, bytes: [UInt8](repeating: 7, count: 600))])
        let bytes = broken(valid, &random)
        guard let pieces = try? UF2.parse(bytes) else { return }
        #expect(pieces.reduce(0) { $0 + $1.bytes.count } <= bytes.count)
    }

    @Test("answers and requests in a stream of frames", arguments: 0..<400 as Range<UInt64>)
    func frames(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let valid =
            SLIP.encode(LoaderResponse(opcode: 0x0A, value: 5, body: [0, 0]).content)
            + SLIP.encode(LoaderCommand.flashData(sequence: 1, data: [0xC0, 0xDB, 1]).request.content)
        let bytes = broken(valid, &random)
        var decoder = SLIPDecoder()
        var conversation = LoaderConversation()
        _ = conversation.ask(.readRegister(address: 0), within: .seconds(1), at: .zero)
        #expect(conversation.receive(bytes).count <= bytes.count)
        for case .frame(let content) in decoder.decode(bytes) {
            _ = try? LoaderResponse(content: content).refusal
            _ = try? LoaderRequest(content: content)
        }
    }

    @Test(
        "sequences that hear nonsense wait on or end, and never send without bounds",
        arguments: 0..<100 as Range<UInt64>)
    func sequences(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let answer = SLIP.encode(LoaderResponse(opcode: Opcode.flashData.rawValue, body: [0, 0]).content)
        var sequence = WriteSequence(
            offset: try #require(FlashOffset(bytes: 0)), data: [UInt8](repeating: 1, count: 5000), eraseSize: 0)
        var now = Duration.zero
        var sent = 0
        var actions = sequence.start(at: now)
        for _ in 0..<200 {
            sent += actions.count { if case .send = $0 { true } else { false } }
            now += .milliseconds(Int.random(in: 0..<2000, using: &random))
            actions = sequence.receive(broken(answer, &random), at: now) + sequence.tick(at: now)
        }
        #expect(sent <= 6)
    }
}
