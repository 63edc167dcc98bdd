extension ELF32 {
    /// A name for an address in the program.
    public struct Symbol: Sendable, Equatable {
        /// Cut as those of sections are.
        public var name: String
        public var address: UInt32
        /// In bytes; 0 where the file does not say it, as for labels of assembly.
        public var size: UInt32
        /// Whether it names code: a function, or a label in a section that is run.
        public var isCode: Bool
    }

    /// The symbols that the program defines, one after the other as they are asked for: no table of them is made, so that many
    /// that share one long name cost nothing.
    ///
    /// Those of files and sections, those without a name and those that are malformed are left out.
    public var symbols: some Sequence<Symbol> {
        sections.lazy.filter { $0.type == Self.symbolTable }.flatMap { table in
            (0..<table.data.count / Self.symbolBytes).lazy.compactMap { symbol($0, of: table) }
        }
    }

    private static let symbolTable: UInt32 = 2
    private static let symbolBytes = 16
    private static let isRun: UInt32 = 4
    /// Of what stands in the type's field: 1 is an object; files, sections and the like are above 2.
    private enum SymbolType {
        static let none: UInt8 = 0
        static let function: UInt8 = 2
    }

    private func symbol(_ index: Int, of table: Section) -> Symbol? {
        let place = index * Self.symbolBytes
        guard let name = table.data.word(at: place), let address = table.data.word(at: place + 4),
            let size = table.data.word(at: place + 8), let section = table.data.halfWord(at: place + 14),
            section > 0, Int(section) < sections.count, Int(table.link) < sections.count
        else { return nil }
        let type = table.data[place + 12] & 0xF
        guard type <= SymbolType.function else { return nil }
        let names = sections[Int(table.link)].data
        let text = Self.string(names, at: Int(name), before: names.count)
        guard !text.isEmpty else { return nil }
        let isLabel = type == SymbolType.none && sections[Int(section)].flags & Self.isRun != 0
        return Symbol(name: text, address: address, size: size, isCode: type == SymbolType.function || isLabel)
    }
}
