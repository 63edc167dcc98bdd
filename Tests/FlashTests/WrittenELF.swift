/// An ELF file for the ESP8266, as a linker would write it.
struct WrittenELF {
    struct Section {
        var name: String
        var address: UInt32
        var data: [UInt8]
        /// 1 contents, 8 none, 14 the functions that run at start.
        var type: UInt32 = 1
    }

    var entry: UInt32
    var sections: [Section]

    var bytes: [UInt8] {
        var names: [UInt8] = [0]
        var body: [UInt8] = []
        var headers = [UInt8](repeating: 0, count: 40)
        func add(_ name: String, _ type: UInt32, _ address: UInt32, _ data: [UInt8]?) {
            let place = names.count
            names += Array(name.utf8) + [0]
            let data = data ?? names
            let offset = UInt32(52 + body.count)
            body += data + [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
            headers += Self.words(
                UInt32(place), type, address == 0 ? 0 : 2, address, offset, UInt32(data.count), 0, 0, 4, 0)
        }
        for section in sections { add(section.name, section.type, section.address, section.data) }
        add(".shstrtab", 3, 0, nil)
        let count = UInt32(sections.count + 2)
        return [0x7F, 0x45, 0x4C, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
            + Self.words(2 | 94 << 16, 1, entry, 0, UInt32(52 + body.count), 0, 52 | 32 << 16, 40 << 16)
            + Self.words(count | (count - 1) << 16) + body + headers
    }

    private static func words(_ words: UInt32...) -> [UInt8] {
        words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }
}
