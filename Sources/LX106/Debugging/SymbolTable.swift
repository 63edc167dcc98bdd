/// Names of addresses.
public struct SymbolTable: Sendable {
    public struct Symbol: Sendable, Equatable {
        public var address: UInt32
        /// In bytes; 0 where it is not known: it reaches to the next one then, ``longestLabel`` at most.
        public var size: UInt32
        public var name: String

        public init(address: UInt32, size: UInt32 = 0, name: String) {
            (self.address, self.size, self.name) = (address, size, name)
        }
    }

    /// How far a symbol reaches whose size is not known (bytes).
    public static let longestLabel: UInt32 = 0x1000

    /// By their address.
    private let symbols: [Symbol]

    /// - Parameter symbols: In any order. Of several at one address the first one counts.
    public init(_ symbols: some Sequence<Symbol>) {
        var sorted: [Symbol] = []
        for (_, symbol) in symbols.enumerated().sorted(by: { ($0.1.address, $0.0) < ($1.1.address, $1.0) })
        where sorted.last?.address != symbol.address {
            sorted.append(symbol)
        }
        self.symbols = sorted
    }

    /// The symbol that an address belongs to and the distance from its begin, such as `main+0x10`; nil where there is none.
    public func place(of address: UInt32) -> String? {
        var (lower, upper) = (0, symbols.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if symbols[middle].address <= address { lower = middle + 1 } else { upper = middle }
        }
        guard lower > 0 else { return nil }
        let symbol = symbols[lower - 1]
        let offset = address - symbol.address
        guard offset > 0 else { return symbol.name }
        guard offset < (symbol.size == 0 ? Self.longestLabel : symbol.size) else { return nil }
        return "\(symbol.name)+0x\(String(offset, radix: 16))"
    }
}
