/// The CPU's view of memory: pages of 4 KiB that are memory of the host, and all else behind ``Peripherals``.
///
/// Between ``first`` and ``last`` a page may be mapped; the chip has all of its memory there. Three tables give the host's
/// address of a page for each kind of access, so that a load is one look-up; a page without has nil there.
public final class AddressSpace {
    /// What a page may be used for. Words can be read from every page that is mapped.
    public struct Access: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let write = Access(rawValue: 1)
        /// Bytes and half words, too.
        public static let narrow = Access(rawValue: 2)
        public static let execute = Access(rawValue: 4)
    }

    public static let pageBytes: UInt32 = 0x1000
    public static let first: UInt32 = 0x3FF0_0000
    public static let last: UInt32 = 0x402F_FFFF
    static let pages = Int((last - first) / pageBytes) + 1

    typealias Table = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// For words.
    let loads: Table
    let narrowLoads: Table
    /// A page that holds decoded code has nil here, so that stores into it are seen.
    let stores: Table
    let narrowStores: Table
    private var access: [Access?]
    private var traps: Set<Int> = []
    let code: CodeCache
    weak var peripherals: (any Peripherals)?

    public convenience init(peripherals: any Peripherals) {
        self.init(peripherals: peripherals, codeCapacity: CodeCache.usualCapacity)
    }

    init(peripherals: any Peripherals, codeCapacity: Int) {
        self.peripherals = peripherals
        code = CodeCache(pages: Self.pages, capacity: codeCapacity)
        access = Array(repeating: nil, count: Self.pages)
        func table() -> Table {
            let table = Table.allocate(capacity: Self.pages)
            table.initialize(repeating: nil, count: Self.pages)
            return table
        }
        (loads, narrowLoads, stores, narrowStores) = (table(), table(), table(), table())
    }

    deinit {
        for table in [loads, narrowLoads, stores, narrowStores] { table.deallocate() }
    }

    /// Makes `count` bytes from `address` on memory; both are multiples of ``pageBytes``. What was there is replaced.
    ///
    /// - Parameter memory: Must live until it is unmapped.
    public func map(_ address: UInt32, count: Int, to memory: UnsafeMutableRawPointer, _ access: Access) {
        for (index, page) in pages(address, count).enumerated() {
            code.forget(page: page)
            self.access[page] = access
            loads[page] = memory + index * Int(Self.pageBytes)
            allow(page)
        }
    }

    public func unmap(_ address: UInt32, count: Int) {
        for page in pages(address, count) {
            code.forget(page: page)
            access[page] = nil
            for table in [loads, narrowLoads, stores, narrowStores] { table[page] = nil }
        }
    }

    /// Makes a jump into the range end the run with ``Stop/trap``, mapped or not.
    public func trap(_ address: UInt32, count: Int) {
        for page in pages(address, count) {
            code.forget(page: page)
            traps.insert(page)
        }
    }

    /// Whether the CPU's region protection lets nobody load, store or fetch there: the lowest eighth of all addresses, as the
    /// chip's ROM sets it up.
    /// Whether the chip lets nobody go there at all.
    public static func isProhibited(_ address: UInt32) -> Bool { address < 0x2000_0000 }

    /// To be told when the memory behind mapped pages was changed by others than the CPU.
    ///
    /// - Parameter count: At least one byte.
    /// - Returns: Whether decoded code was made from it.
    @discardableResult
    public func contentsChanged(_ address: UInt32, count: Int) -> Bool {
        guard let start = Self.page(of: address), let end = Self.page(of: address &+ UInt32(count - 1)), start <= end
        else { return false }
        var isCode = false
        for page in start...end where code.holds(page: page) {
            let lower = page == start ? Int(address % Self.pageBytes) : 0
            let upper = page == end ? Int((address &+ UInt32(count - 1)) % Self.pageBytes) : Int(Self.pageBytes) - 1
            guard code.covers(page: page, lower...upper) else { continue }
            code.forget(page: page)
            allow(page)
            isCode = true
        }
        return isCode
    }

    func isTrap(_ address: UInt32) -> Bool {
        guard let page = Self.page(of: address) else { return false }
        return traps.contains(page)
    }

    static func page(of address: UInt32) -> Int? {
        let page = Int((address &- first) / pageBytes)
        return page < pages ? page : nil
    }

    /// The instruction's bits at `address`, and up to one byte of what follows; nil where none can be read.
    func instruction(at address: UInt32) -> UInt32? {
        guard let first = executable(address) else { return nil }
        let length = Decoder.length(first: first)
        var bits = UInt32(first)
        for index in 1..<UInt32(length) {
            guard let byte = executable(address &+ index) else { return nil }
            bits |= UInt32(byte) << (8 * index)
        }
        return bits
    }

    private func executable(_ address: UInt32) -> UInt8? {
        guard let page = Self.page(of: address), access[page]?.contains(.execute) == true else { return nil }
        return loads[page]?.load(fromByteOffset: Int(address % Self.pageBytes), as: UInt8.self)
    }

    /// Whether a mapped page allows all of `needed`.
    func allows(_ needed: Access, page: Int) -> Bool { access[page]?.isSuperset(of: needed) == true }

    /// Stores into the page are to be seen from now on, because it holds decoded code.
    func watch(page: Int) {
        stores[page] = nil
        narrowStores[page] = nil
    }

    /// Sets the tables to what the page may be used for.
    func allow(_ page: Int) {
        let access = access[page] ?? []
        narrowLoads[page] = access.contains(.narrow) ? loads[page] : nil
        stores[page] = access.contains(.write) ? loads[page] : nil
        narrowStores[page] = access.isSuperset(of: [.write, .narrow]) ? loads[page] : nil
    }

    private func pages(_ address: UInt32, _ count: Int) -> Range<Int> {
        precondition(address % Self.pageBytes == 0 && count % Int(Self.pageBytes) == 0, "memory is mapped in pages")
        precondition(address >= Self.first, "nothing is mapped below \(Self.first)")
        let start = Int((address - Self.first) / Self.pageBytes)
        precondition(start + count / Int(Self.pageBytes) <= Self.pages, "nothing is mapped above \(Self.last)")
        return start..<start + count / Int(Self.pageBytes)
    }
}
