import ESPLoader

/// What the ROM does with the image at the flash's beginning: it copies its segments to where they belong.
///
/// Source: boot logs of boards, of such with damaged flash among them.
extension Machine {
    struct Boot {
        /// What it prints.
        var text: String
        /// Where the program begins; nil where there is none that could be started.
        var entry: UInt32?
    }

    private static let magic: UInt8 = 0xE9
    private static let headerBytes = 8
    private static let alignment = 16
    private static let mostSegments = 16
    private static let longestSegment = 0x1_0000
    /// Its last words; then it does nothing more until it is reset.
    private static let giveUp = "ets_main.c \r\n"

    func boot() -> Boot {
        let header = flash.read(0, Self.headerBytes)
        guard header[0] == Self.magic, Int(header[1]) <= Self.mostSegments else { return Boot(text: Self.giveUp) }
        registers.spi.setClock(of: FlashFrequency(rawValue: header[3] & 0xF))
        var segments: [ImageSegment] = []
        var place = Self.headerBytes
        for _ in 0..<header[1] {
            let words = flash.read(place, Self.headerBytes).words
            guard words[1] <= Self.longestSegment else { return Boot(text: Self.giveUp) }
            place += Self.headerBytes
            segments.append(ImageSegment(address: words[0], data: flash.read(place, Int(words[1]))))
            place += Int(words[1])
        }
        for segment in segments { memory.write(segment.data, at: segment.address) }
        let log = BootLog.loading(segments)
        let checksum = flash.read(place | (Self.alignment - 1), 1)[0]
        guard checksum == segments.reduce(0xEF, { $1.data.reduce($0, ^) }) else {
            return Boot(text: log + "csum err\r\n" + Self.giveUp)
        }
        return Boot(text: log, entry: header.words[1])
    }
}
