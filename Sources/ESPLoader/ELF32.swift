/// What flashing needs of a 32-bit little-endian ELF file for Xtensa: its entry and its sections.
///
/// Source: System V ABI, ELF-32 object file format; machine 94 is Xtensa.
public struct ELF32: Sendable, Equatable {
    public struct Section: Sendable, Equatable {
        public var name: String
        public var type: UInt32
        public var flags: UInt32
        public var address: UInt32
        public var offset: Int
        public var size: Int
        /// The number of a section that belongs to it: to symbols, that of their names.
        public var link: UInt32
        /// The contents; empty for sections that take no space in the file.
        public var data: [UInt8]

        /// Whether it has contents and a place in memory, by what esptool takes into an image: the flag ALLOC does not count.
        public var isLoaded: Bool { Self.contentTypes.contains(type) && address != 0 && size > 0 }
        /// Contents, and the arrays of functions that run at start, at end and before the start.
        private static let contentTypes: Set<UInt32> = [1, 14, 15, 16]
        static let noBits: UInt32 = 8
    }

    public var entry: UInt32
    public var sections: [Section]

    static let headerBytes = 52
    static let xtensa: UInt16 = 94
    /// What is longer is cut: many headers may name one long text (bytes).
    static let longestName = 255

    /// Reads a file.
    public init(_ bytes: [UInt8]) throws(MalformedELF) {
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { throw .notELF }
        guard bytes.count >= Self.headerBytes else { throw .truncated("the header") }
        guard bytes[4] == 1, bytes[5] == 1 else { throw .not32BitLittleEndian }
        guard let machine = bytes.halfWord(at: 18), machine == Self.xtensa else {
            throw .otherMachine(bytes.halfWord(at: 18) ?? 0)
        }
        entry = bytes.word(at: 24) ?? 0
        sections = try Self.sections(bytes)
    }

    private static func sections(_ bytes: [UInt8]) throws(MalformedELF) -> [Section] {
        let table = Int(bytes.word(at: 32) ?? 0)
        let stride = Int(bytes.halfWord(at: 46) ?? 0)
        let count = Int(bytes.halfWord(at: 48) ?? 0)
        let namesIndex = Int(bytes.halfWord(at: 50) ?? 0)
        guard count > 0 else { return [] }
        guard stride >= 40, table + stride * count <= bytes.count else { throw .truncated("the section headers") }
        guard namesIndex < count else { throw .truncated("the section names") }
        func field(_ section: Int, _ offset: Int) -> UInt32 { bytes.word(at: table + section * stride + offset) ?? 0 }
        let names = Int(field(namesIndex, 16))
        let namesEnd = names + Int(field(namesIndex, 20))
        guard namesEnd <= bytes.count else { throw .truncated("the section names") }
        var sections: [Section] = []
        var total = 0
        for index in 0..<count {
            let type = field(index, 4)
            let offset = Int(field(index, 16))
            let size = Int(field(index, 20))
            let takesSpace = type != Section.noBits && type != 0
            guard !takesSpace || offset + size <= bytes.count else { throw .truncated("section \(index)") }
            // Headers may name the same bytes again and again.
            total += takesSpace ? size : 0
            guard total <= 2 * bytes.count else { throw .sectionsTooLarge }
            sections.append(
                Section(
                    name: string(bytes, at: names + Int(field(index, 0)), before: namesEnd), type: type,
                    flags: field(index, 8), address: field(index, 12), offset: offset, size: size,
                    link: field(index, 24),
                    data: takesSpace ? Array(bytes[offset..<offset + size]) : []))
        }
        return sections
    }

    static func string(_ bytes: [UInt8], at start: Int, before limit: Int) -> String {
        guard start < limit, limit <= bytes.count else { return "" }
        return String(decoding: bytes[start..<limit].prefix(longestName).prefix { $0 != 0 }, as: UTF8.self)
    }
}
