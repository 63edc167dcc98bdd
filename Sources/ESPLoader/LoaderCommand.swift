/// What a host asks of the loader, with its parameters.
public enum LoaderCommand: Sendable, Equatable {
    /// Asks whether a loader listens; the ROM also takes its baud rate from it.
    case sync
    case readRegister(address: UInt32)
    /// Writes `value` where `mask` has bits, then waits `delay` microseconds.
    case writeRegister(address: UInt32, value: UInt32, mask: UInt32 = .max, delay: UInt32 = 0)
    case memoryBegin(size: UInt32, blocks: UInt32, blockSize: UInt32, address: UInt32)
    case memoryData(sequence: UInt32, data: [UInt8])
    /// Jumps to `entry`, or stays in the loader without one.
    case memoryEnd(entry: UInt32?)
    /// Erases `eraseSize` bytes from `offset` and expects `blocks` blocks. A stub takes a fifth word.
    case flashBegin(eraseSize: UInt32, blocks: UInt32, blockSize: UInt32, offset: UInt32, isStub: Bool = false)
    case flashData(sequence: UInt32, data: [UInt8])
    /// Ends a write: the chip restarts, or goes on without.
    case flashEnd(reboot: Bool)
    case changeBaud(new: UInt32, old: UInt32)
    case flashMD5(offset: UInt32, size: UInt32)
    case eraseRegion(offset: UInt32, size: UInt32)
    /// Reads in packets of `packetSize`, at most `inFlight` of them without an acknowledgement.
    case readFlash(offset: UInt32, size: UInt32, packetSize: UInt32, inFlight: UInt32)
    case attachSPI
    case setSPIParameters(size: FlashSize)
    case runUserCode
    /// Asks our stub for its version, its slots, and the CRC of its own code.
    case stubHello
    /// Registers, one after the other, in one frame.
    case stubAccess([StubAccess])
    /// A CRC-32 of each of so many sectors.
    case stubSectorDigests(first: UInt32, count: UInt32)
    /// Begins to erase and to write runs of sectors; `job` names the packets that follow.
    case stubWrite(job: UInt16, runs: [StubRun])
    /// Packet `number`, counted from 0, of a job's stream.
    case stubPacket(job: UInt16, number: UInt16, data: [UInt8])
    /// At most 4096 bytes.
    case stubRead(offset: UInt32, size: UInt32)
    /// The MD5 of a range.
    case stubDigest(offset: UInt32, size: UInt32)

    /// The payload of SYNC.
    static let syncPayload: [UInt8] = [0x07, 0x07, 0x12, 0x20] + [UInt8](repeating: 0x55, count: 32)

    public var opcode: Opcode {
        switch self {
        case .sync: .sync
        case .readRegister: .readRegister
        case .writeRegister: .writeRegister
        case .memoryBegin: .memoryBegin
        case .memoryData: .memoryData
        case .memoryEnd: .memoryEnd
        case .flashBegin: .flashBegin
        case .flashData: .flashData
        case .flashEnd: .flashEnd
        case .changeBaud: .changeBaud
        case .flashMD5: .flashMD5
        case .eraseRegion: .eraseRegion
        case .readFlash: .readFlash
        case .attachSPI: .attachSPI
        case .setSPIParameters: .setSPIParameters
        case .runUserCode: .runUserCode
        case .stubHello: .stubHello
        case .stubAccess: .stubAccess
        case .stubSectorDigests: .stubSectorDigests
        case .stubWrite: .stubWrite
        case .stubPacket: .stubPacket
        case .stubRead: .stubRead
        case .stubDigest: .stubDigest
        }
    }

    /// The request that carries it.
    public var request: LoaderRequest {
        switch self {
        case .memoryData(let sequence, let data), .flashData(let sequence, let data):
            LoaderRequest(
                opcode, checksum: UInt32(LoaderRequest.checksum(of: data)),
                payload: Array(littleEndian: UInt32(data.count), sequence, 0, 0) + data)
        default:
            opcode.isChecked
                ? LoaderRequest(checked: opcode, payload: parameters) : LoaderRequest(opcode, payload: parameters)
        }
    }

    private var parameters: [UInt8] {
        switch self {
        case .sync:
            Self.syncPayload
        case .readRegister(let address):
            Array(littleEndian: address)
        case .writeRegister(let address, let value, let mask, let delay):
            Array(littleEndian: address, value, mask, delay)
        case .memoryBegin(let size, let blocks, let blockSize, let address):
            Array(littleEndian: size, blocks, blockSize, address)
        case .memoryEnd(let entry):
            Array(littleEndian: entry == nil ? 1 : 0, entry ?? 0)
        case .flashBegin(let eraseSize, let blocks, let blockSize, let offset, let isStub):
            Array(littleEndian: eraseSize, blocks, blockSize, offset) + (isStub ? Array(littleEndian: 0) : [])
        case .flashEnd(let reboot):
            Array(littleEndian: reboot ? 0 : 1)
        case .changeBaud(let new, let old):
            Array(littleEndian: new, old)
        case .flashMD5(let offset, let size):
            Array(littleEndian: offset, size, 0, 0)
        case .eraseRegion(let offset, let size):
            Array(littleEndian: offset, size)
        case .readFlash(let offset, let size, let packetSize, let inFlight):
            Array(littleEndian: offset, size, packetSize, inFlight)
        case .attachSPI:
            Array(littleEndian: 0, 0)
        case .setSPIParameters(let size):
            // Chip id, total size, block, sector, page, status mask.
            Array(littleEndian: 0, UInt32(size.bytes), 0x10000, 0x1000, 0x100, 0xFFFF)
        case .stubAccess(let accesses):
            accesses.flatMap { Array(littleEndian: $0.word, $0.value, $0.mask) }
        case .stubSectorDigests(let first, let count):
            Array(littleEndian: first, count)
        case .stubWrite(let job, let runs):
            Array(littleEndian: UInt32(job)) + runs.flatMap { Array(littleEndian: $0.word) }
        case .stubPacket(let job, let number, let data):
            Array(littleEndian: UInt32(job) << 16 | UInt32(number)) + data
        case .stubRead(let offset, let size), .stubDigest(let offset, let size):
            Array(littleEndian: offset, size)
        case .memoryData, .flashData, .runUserCode, .stubHello:
            []
        }
    }
}
