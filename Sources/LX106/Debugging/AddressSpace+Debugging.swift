/// Memory as a debugger sees it: bytes, whatever the width that the CPU would need for them.
extension AddressSpace {
    /// What stands there: mapped memory, and peripherals as far as ``Peripherals/peek(_:)`` knows them.
    ///
    /// - Returns: Nil when one of the bytes cannot be read without an effect.
    public func peek(_ address: UInt32, count: Int) -> [UInt8]? {
        guard count >= 0, UInt64(address) + UInt64(count) <= 1 << 32 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(count, Int(Self.pageBytes)))
        var word: (address: UInt32, value: UInt32)?
        for offset in 0..<count {
            let place = address + UInt32(offset)
            if let page = Self.page(of: place), let memory = loads[page] {
                bytes.append(memory.load(fromByteOffset: Int(place % Self.pageBytes), as: UInt8.self))
                continue
            }
            if word?.address != place & ~3 {
                guard let value = peripherals?.peek(place & ~3) else { return nil }
                word = (place & ~3, value)
            }
            bytes.append(UInt8(truncatingIfNeeded: (word?.value ?? 0) >> (8 * (place & 3))))
        }
        return bytes
    }

    /// Writes into memory that the CPU may write to, or one whole word to a peripheral, which has the effect of a store.
    ///
    /// - Returns: Whether it was done; else nothing has changed.
    public func poke(_ bytes: [UInt8], at address: UInt32) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard UInt64(address) + UInt64(bytes.count) <= 1 << 32 else { return false }
        let last = address + UInt32(bytes.count - 1)
        guard let start = Self.page(of: address), let end = Self.page(of: last), start <= end,
            (start...end).allSatisfy({ allows(.write, page: $0) })
        else {
            guard bytes.count == 4, address % 4 == 0, Self.page(of: address).flatMap({ loads[$0] }) == nil else {
                return false
            }
            let value = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return peripherals?.store(value, at: address, width: .word) == true
        }
        for (offset, byte) in bytes.enumerated() {
            let place = address + UInt32(offset)
            guard let page = Self.page(of: place) else { return false }
            loads[page]?.storeBytes(of: byte, toByteOffset: Int(place % Self.pageBytes), as: UInt8.self)
        }
        contentsChanged(address, count: bytes.count)
        return true
    }
}
