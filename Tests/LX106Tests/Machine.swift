@testable import LX106

/// Memory, and peripherals that remember what they were asked.
final class Machine: Peripherals {
    private(set) var memory: AddressSpace
    private var mapped: [(address: UInt32, bytes: UnsafeMutableRawBufferPointer)] = []
    /// What is behind the addresses that are not memory; called in mid-run.
    var onLoad: (UInt32, AccessWidth) -> UInt32? = { _, _ in nil }
    var onStore: (UInt32, UInt32, AccessWidth) -> Bool = { _, _, _ in false }

    init() {
        memory = AddressSpace(peripherals: Nothing())
        memory = AddressSpace(peripherals: self)
    }

    deinit {
        for (_, bytes) in mapped { bytes.deallocate() }
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
        mapped.append((address, bytes))
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
}
