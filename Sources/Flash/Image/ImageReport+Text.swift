extension ImageReport {
    /// For people.
    var text: [String] {
        var lines = ["file      \(file), \(fileBytes ?? bytes) bytes"]
        if let start, let format {
            lines.append("holds     \(bytes) bytes from \(Hex.text(UInt32(start))) on, as \(format)")
        }
        if let arduino {
            lines.append("build     Arduino, eboot and application, \(arduino.length) bytes long by its own account")
            lines.append("crc       \(arduino.crc.text(8))")
        }
        for image in images {
            if images.count > 1 { lines.append("") }
            lines += image.text
        }
        let end = images.map { $0.offset + $0.bytes }.max() ?? 0
        if end < bytes {
            lines.append("rest      \(bytes - end) bytes from \(Hex.text(UInt32(end))) on are no part of it")
        }
        return lines
    }
}

extension ImageReport.Image {
    fileprivate var text: [String] {
        let what = role.map { "\($0.rawValue), version" } ?? "version"
        var lines = [
            "image     \(what) \(version), \(bytes) bytes at \(Hex.text(UInt32(offset)))",
            "flash     \(flashMode), \(flashFrequency), \(flashSize)",
            "entry     \(Hex.text(entry, 8)), \(entryRegion ?? "where the chip has no memory")",
            "checksum  \(checksum.text(2))",
        ]
        if let crc { lines.append("crc       \(crc.text(8))") }
        guard !segments.isEmpty else { return lines + ["segments  none"] }
        lines.append("segment   address     bytes   in file   region")
        for (index, segment) in segments.enumerated() {
            let number = "\(index + 1)".padded(to: 7)
            let size = "\(segment.bytes)".padded(to: 7)
            lines.append(
                "\(number)   \(Hex.text(segment.address, 8))  \(size)  \(Hex.text(UInt32(segment.offset), 6))  "
                    + (segment.region ?? "no memory of this chip"))
        }
        return lines
    }
}

extension ImageReport.Sum {
    fileprivate func text(_ digits: Int) -> String {
        guard let computed else { return "\(Hex.text(stored, digits)), but the bytes that it covers are not all there" }
        return isRight
            ? "\(Hex.text(stored, digits)), right"
            : "\(Hex.text(stored, digits)), wrong: the bytes have \(Hex.text(computed, digits))"
    }
}

extension String {
    /// With spaces before it.
    fileprivate func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
