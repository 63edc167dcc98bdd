import ESPLoader

extension WritePlan {
    /// A header must not name more flash than there is: what an SDK keeps at the flash's end would land on its start.
    ///
    /// - Throws: ``FlashError/largerThanFlash(what:header:flash:)``.
    static func checkSize(_ piece: Piece, _ header: Header, flashSize: Int) throws(FlashError) {
        guard let named = header.namedSize, named.bytes > flashSize, ImageHeader(ofImage: piece.data.bytes) != nil
        else {
            return
        }
        throw .largerThanFlash(what: piece.name, header: named.name, flash: flashSize)
    }

    /// Changes the header of the image at 0 as it is wanted, and tells of each change.
    mutating func patch(_ index: Int, _ header: Header, flashSize: Int) {
        let name = pieces[index].name
        guard let found = ImageHeader(ofImage: pieces[index].data.bytes) else {
            notes.append("\(name) goes to 0x0 and does not begin as an image: the board will not start from it")
            return
        }
        if pieces[index].data.bytes[0] == Self.secondMagic {
            notes.append(
                "\(name) is an image of version 2 at 0x0: the board will not start from it, because the ROM starts those of "
                    + "version 1; it goes behind a second boot loader")
        }
        var size: FlashSize?
        var why = ""
        switch header.size {
        case .keep: break
        case .value(let value): size = value
        case .detect where found.size.bytes != flashSize:
            size = FlashSize(bytes: flashSize)
            why = ", as the flash says"
        case .detect: break
        }
        note("mode", found.mode.name, header.mode?.name)
        note("frequency", found.frequency.name, header.frequency?.name)
        note("size", found.size.name, size?.name, why)
        let left = size ?? found.size
        if left.bytes > flashSize {
            notes.append(
                "\(name): its header says \(left.name), but the flash has \(FlashSize.text(ofBytes: flashSize))")
        }
        ImageHeader.patch(
            &pieces[index].data.bytes,
            ImageHeader.Change(mode: header.mode, frequency: header.frequency, size: size))
    }

    private mutating func note(_ field: String, _ old: String, _ new: String?, _ why: String = "") {
        guard let new, new != old else { return }
        notes.append("flash \(field) in the header: \(old) -> \(new)\(why)")
    }
}
