/// The ways that are not the shortest one: peripherals, pages with decoded code, and what cannot be.
extension AddressSpace {
    /// - Parameter address: A multiple of `width`.
    /// - Returns: Nil for what raises ``ExceptionCause/loadStore``.
    @inline(never)
    func load(_ address: UInt32, _ width: AccessWidth) -> UInt32? {
        guard let page = Self.page(of: address), isMapped(page) else {
            return peripherals?.load(address, width: width)
        }
        guard let memory = (width == .word ? loads : narrowLoads)[page] else { return nil }
        let place = memory + Int(address % Self.pageBytes)
        return switch width {
        case .byte: UInt32(place.load(as: UInt8.self))
        case .half: UInt32(place.load(as: UInt16.self))
        case .word: place.load(as: UInt32.self)
        }
    }

    /// - Parameter address: A multiple of `width`.
    /// - Returns: False for what raises ``ExceptionCause/loadStore``.
    @inline(never)
    func store(_ value: UInt32, _ address: UInt32, _ width: AccessWidth) -> Bool {
        guard let page = Self.page(of: address), let memory = loads[page] else {
            return peripherals?.store(value, at: address, width: width) ?? false
        }
        guard allows(width == .word ? .write : [.write, .narrow], page: page) else { return false }
        let place = memory + Int(address % Self.pageBytes)
        switch width {
        case .byte: place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
        case .half: place.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
        case .word: place.storeBytes(of: value, as: UInt32.self)
        }
        contentsChanged(address, count: Int(width.rawValue))
        return true
    }
}
