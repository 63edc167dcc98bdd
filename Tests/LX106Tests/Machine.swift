@testable import LX106

/// Memory, and peripherals that remember what they were asked.
final class Machine: Peripherals {
    private(set) var memory: AddressSpace
    private var mapped: [(address: UInt32, bytes: UnsafeMutableRawBufferPointer)] = []
    /// What is behind the addresses that are not memory; called in mid-run.
    var onLoad: (UInt32, AccessWidth) -> UInt32? = { _, _ in nil }
    var onPeek: (UInt32) -> UInt32? = { _ in nil }
    var onStore: (UInt32, UInt32, AccessWidth) -> Bool = { _, _, _ in false }

    init(codeCapacity: Int = CodeCache.usualCapacity) {
        memory = AddressSpace(peripherals: Nothing())
        memory = AddressSpace(peripherals: self, codeCapacity: codeCapacity)
    }

    /// Frees the memory, which else stays: a test may keep the CPU only.
    func free() {
        for (_, bytes) in mapped { bytes.deallocate() }
        mapped = []
    }

    private final class Nothing: Peripherals {
        func load(_ address: UInt32, width: AccessWidth) -> UInt32? { nil }
        func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool { false }
    }

    /// Makes memory of zeros that begins with `contents`.
    func map(_ address: UInt32, count: Int, _ access: AddressSpace.Access, _ contents: [UInt8] = []) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.copyBytes(from: contents)
        mapped.insert((address, bytes), at: 0)
        if let base = bytes.baseAddress { memory.map(address, count: count, to: base, access) }
    }

    /// Writes past the CPU, and tells it.
    func write(_ contents: [UInt8], at address: UInt32) {
        place(address, contents.count).copyBytes(from: contents)
        memory.contentsChanged(address, count: contents.count)
    }

    func read(_ count: Int, at address: UInt32) -> [UInt8] { Array(place(address, count)) }

    func word(at address: UInt32) -> UInt32 {
        read(4, at: address).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func place(_ address: UInt32, _ count: Int) -> UnsafeMutableRawBufferPointer {
        for (start, bytes) in mapped where address >= start && Int(address - start) + count <= bytes.count {
            return UnsafeMutableRawBufferPointer(rebasing: bytes[Int(address - start)..<Int(address - start) + count])
        }
        fatalError("no memory of \(count) bytes at \(address)")
    }

    func load(_ address: UInt32, width: AccessWidth) -> UInt32? { onLoad(address, width) }
    func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool { onStore(value, address, width) }
    func peek(_ address: UInt32) -> UInt32? { onPeek(address) }
}

extension Machine {
    static let code: UInt32 = 0x4010_0000
    static let data: UInt32 = 0x3FFE_8000
    static let vectors: UInt32 = 0x4010_1000

    /// IRAM (words only) that begins with a program, DRAM, and a CPU that begins with the program; its vectors stand in the
    /// IRAM's second page, and PS is 0.
    static func running(_ program: [UInt32]) -> (machine: Machine, cpu: Processor) {
        let machine = Machine()
        machine.map(code, count: 0x4000, [.write, .execute], program.flatMap(Assembly.bytes))
        machine.map(data, count: 0x4000, [.write, .narrow])
        let cpu = Processor(memory: machine.memory, pc: code)
        cpu[.vecbase] = vectors
        cpu[.ps] = 0
        return (machine, cpu)
    }
}

extension Processor {
    /// What an exception leaves.
    struct Raised: Equatable {
        var pc: UInt32
        var ps: UInt32
        var cause: ExceptionCause?
        var epc1: UInt32 = 0
        var depc: UInt32 = 0
        var address: UInt32 = 0
    }

    var raised: Raised {
        Raised(
            pc: pc, ps: self[.ps], cause: ExceptionCause(rawValue: self[.exccause]), epc1: self[.epc1],
            depc: self[.depc], address: self[.excvaddr])
    }
}
