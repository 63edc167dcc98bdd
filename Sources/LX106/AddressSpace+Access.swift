/// The ways that are not the shortest one: peripherals, pages with decoded code, and what cannot be.
extension AddressSpace {
    /// - Parameter address: A multiple of `width`.
    /// - Returns: Nil for what raises ``ExceptionCause/loadStore``.
    @inline(never)
    func load(_ address: UInt32, _ width: AccessWidth) -> UInt32? {
        guard let page = Self.page(of: address), loads[page] != nil else {
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

    enum StoreEnd {
        case stored
        /// What was decoded from there is forgotten.
        case storedIntoCode
        /// It raises ``ExceptionCause/loadStore``.
        case refused
    }

    /// - Parameter address: A multiple of `width`.
    @inline(never)
    func store(_ value: UInt32, _ address: UInt32, _ width: AccessWidth) -> StoreEnd {
        guard let page = Self.page(of: address), let memory = loads[page] else {
            let value = width == .word ? value : value & (1 << (8 * width.rawValue) - 1)
            return peripherals?.store(value, at: address, width: width) == true ? .stored : .refused
        }
        guard allows(width == .word ? .write : [.write, .narrow], page: page) else { return .refused }
        let place = memory + Int(address % Self.pageBytes)
        switch width {
        case .byte: place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
        case .half: place.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
        case .word: place.storeBytes(of: value, as: UInt32.self)
        }
        guard code.holds(page: page) else {
            allow(page)
            return .stored
        }
        return contentsChanged(address, count: Int(width.rawValue)) ? .storedIntoCode : .stored
    }
}
