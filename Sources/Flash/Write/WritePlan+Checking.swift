import ESPLoader

extension WritePlan {
    /// What an image of version 2 begins with.
    static let secondMagic: UInt8 = 0xEA

    /// At 0 an image must be one of this chip's, and whole; elsewhere it must not be one of a later chip's, whose longer header
    /// has EE where this chip's first segment has the lowest byte of its address, nor one of version 2 with a wrong sum.
    static func checkImage(_ piece: Piece) throws(FlashError) {
        let bytes = piece.data.bytes
        let isLater = bytes.count > 24 && bytes[0] == 0xE9 && bytes[8] == 0xEE && bytes[1] <= 16
        if isLater { throw .wrongImage(what: piece.name, reason: "its header is that of an ESP32 or a later chip") }
        let isAtStart = piece.data.offset.bytes == 0
        guard bytes.first == secondMagic || isAtStart && bytes.first == 0xE9 else { return }
        let parsed: ParsedImage
        do {
            parsed = try FirmwareImage.parse(bytes)
        } catch {
            // Data may begin with any byte.
            guard isAtStart else { return }
            throw .wrongImage(what: piece.name, reason: "\(error)")
        }
        try checkSums(parsed, of: piece.name)
        guard isAtStart else { return }
        for segment in parsed.image.segments {
            guard let region = MemoryRegion(of: segment.address), region.isMemory else {
                throw .wrongImage(
                    what: piece.name,
                    reason: "a segment goes to \(Hex.text(segment.address)), where this chip has no memory")
            }
        }
        if ArduinoLayout.isBootLoader(parsed.image), bytes.count > ArduinoLayout.applicationOffset {
            try checkApplication(of: piece)
        }
    }

    private static func checkSums(_ parsed: ParsedImage, of name: String) throws(FlashError) {
        guard parsed.isChecksumRight else {
            throw .wrongImage(
                what: name,
                reason: "its checksum is \(Hex.text(UInt32(parsed.storedChecksum), 2)), but that of its data is "
                    + "\(Hex.text(UInt32(parsed.image.checksum), 2)), so the board would not start from it")
        }
        guard let crc = parsed.crc, crc.stored != crc.computed else { return }
        throw .wrongImage(
            what: name,
            reason: "its CRC is \(Hex.text(crc.stored, 8)), but that of its bytes is \(Hex.text(crc.computed, 8))")
    }

    /// Behind the core's boot loader a whole application must follow.
    private static func checkApplication(of piece: Piece) throws(FlashError) {
        do {
            _ = try FirmwareImage.parse(Array(piece.data.bytes[ArduinoLayout.applicationOffset...]))
        } catch {
            throw .wrongImage(
                what: piece.name,
                reason: "what follows the Arduino core's boot loader at 0x1000 is no whole application: \(error)")
        }
    }

    /// The sums of an Arduino build are no matter of the board's start, and old cores have none: they are only told of.
    mutating func noteArduino(_ piece: Piece) {
        guard let layout = ArduinoLayout(piece.data.bytes), let computed = layout.computedCRC else { return }
        if !layout.isCRCRight {
            notes.append(
                "\(piece.name): the Arduino build's CRC is \(Hex.text(layout.storedCRC, 8)), but that of its bytes is "
                    + "\(Hex.text(computed, 8)): it is damaged, or was changed after it was made (iot image info says more)"
            )
        } else if !layout.isChecksumRight {
            notes.append("\(piece.name): the checksum of the Arduino build's application is wrong")
        }
    }
}
