import LX106

/// The chip's memories, as its code sees them.
///
/// Source: the memory map in Espressif's documents. What is not a multiple of a page, or has no memory of its own (the mapped
/// flash before the cache is turned on), is not mapped.
final class MachineMemory {
    /// Data RAM, that of the ROM and of the SDK behind it included.
    static let data: Region = .init(address: 0x3FFE_8000, bytes: 0x18000)
    /// Instruction RAM, with both halves of the flash cache's; bytes cannot be accessed in it.
    static let instructions: Region = .init(address: 0x4010_0000, bytes: 0x10000)
    static let rom: Region = .init(address: 0x4000_0000, bytes: 0x10000)
    /// Where 1 MiB of the flash can be read and run.
    static let window: Region = .init(address: 0x4020_0000, bytes: 0x10_0000)

    struct Region {
        var address: UInt32
        var bytes: Int

        func contains(_ address: UInt32, _ count: Int) -> Bool {
            address >= self.address && Int(address - self.address) + count <= bytes
        }
    }

    let space: AddressSpace
    private let storage: [(region: Region, bytes: UnsafeMutableRawPointer)]
    /// The flash's contents behind ``window``.
    private let mapped: UnsafeMutableRawPointer
    private var isFlashShown = false

    init(peripherals: any Peripherals) {
        space = AddressSpace(peripherals: peripherals)
        func blank(_ region: Region) -> UnsafeMutableRawPointer {
            let bytes = UnsafeMutableRawPointer.allocate(
                byteCount: region.bytes, alignment: Int(AddressSpace.pageBytes))
            bytes.initializeMemory(as: UInt8.self, repeating: 0, count: region.bytes)
            return bytes
        }
        storage = [Self.data, Self.instructions, Self.rom].map { ($0, blank($0)) }
        mapped = blank(Self.window)
        space.map(Self.data.address, count: Self.data.bytes, to: storage[0].bytes, [.write, .narrow])
        space.map(Self.instructions.address, count: Self.instructions.bytes, to: storage[1].bytes, [.write, .execute])
        space.map(Self.rom.address, count: Self.rom.bytes, to: storage[2].bytes, [.narrow])
        space.trap(Self.rom.address, count: Self.rom.bytes)
    }

    deinit {
        for (_, bytes) in storage { bytes.deallocate() }
        mapped.deallocate()
    }

    /// Makes the flash's bytes readable and runnable at ``window``.
    ///
    /// - Parameter bytes: At most as many as the window has.
    func showFlash(_ bytes: [UInt8]) {
        UnsafeMutableRawBufferPointer(start: mapped, count: Self.window.bytes).copyBytes(
            from: bytes.prefix(Self.window.bytes))
        space.map(Self.window.address, count: Self.window.bytes, to: mapped, [.execute])
        isFlashShown = true
    }

    func hideFlash() {
        space.unmap(Self.window.address, count: Self.window.bytes)
        isFlashShown = false
    }

    /// `count` bytes of RAM, ROM or the flash's window; nil where they are not all in one of them.
    func read(_ address: UInt32, _ count: Int) -> [UInt8]? {
        let bytes = readable(from: address)
        guard count >= 0, count <= bytes.count else { return nil }
        return Array(bytes[..<count])
    }

    /// The bytes up to a zero; nil where memory ends before one.
    func string(at address: UInt32) -> [UInt8]? {
        let bytes = readable(from: address)
        return bytes.firstIndex(of: 0).map { Array(bytes[..<$0]) }
    }

    /// What can be read from an address on without a gap.
    func readable(from address: UInt32) -> UnsafeRawBufferPointer {
        if isFlashShown, Self.window.contains(address, 1) { return Self.rest(of: Self.window, mapped, from: address) }
        guard let (region, bytes) = storage.first(where: { $0.region.contains(address, 1) }) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return Self.rest(of: region, bytes, from: address)
    }

    /// How many bytes can be written from an address on without a gap.
    func writable(from address: UInt32) -> Int {
        storage.dropLast().first { $0.region.contains(address, 1) }
            .map { Self.rest(of: $0.region, $0.bytes, from: address).count } ?? 0
    }

    private static func rest(
        of region: Region, _ bytes: UnsafeMutableRawPointer, from address: UInt32
    ) -> UnsafeRawBufferPointer {
        let skipped = Int(address - region.address)
        return UnsafeRawBufferPointer(start: bytes + skipped, count: region.bytes - skipped)
    }

    /// The word at a multiple of 4 in RAM; nil elsewhere.
    func word(_ address: UInt32) -> UInt32? {
        guard let (region, bytes) = storage.dropLast().first(where: { $0.region.contains(address, 4) }) else {
            return nil
        }
        return bytes.load(fromByteOffset: Int(address - region.address), as: UInt32.self)
    }

    /// - Returns: False where the bytes are not all in RAM.
    @discardableResult
    func write(_ bytes: [UInt8], at address: UInt32) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard let (region, memory) = storage.dropLast().first(where: { $0.region.contains(address, bytes.count) })
        else { return false }
        UnsafeMutableRawBufferPointer(start: memory + Int(address - region.address), count: bytes.count)
            .copyBytes(from: bytes)
        space.contentsChanged(address, count: bytes.count)
        return true
    }

    /// Puts a word into the ROM's place, for code that reads it.
    func setROM(_ address: UInt32, _ value: UInt32) {
        storage[2].bytes.storeBytes(of: value, toByteOffset: Int(address - Self.rom.address), as: UInt32.self)
    }
}
