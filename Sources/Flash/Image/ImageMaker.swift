import ESPLoader
import Foundation

/// Makes the files that go into the flash from an ELF file.
struct ImageMaker {
    enum Layout: String, CaseIterable {
        case first = "1"
        case second = "2"
        case arduino
    }

    /// A file and its place in the flash.
    struct Made: Equatable {
        var path: String
        var data: FlashData
    }

    var elf: ELF32
    /// Of the ELF file.
    var path: String
    var header: ImageHeader

    /// - Throws: ``FlashError/inputFile(path:reason:)``.
    init(_ file: InputFile, _ header: ImageHeader) throws(FlashError) {
        path = file.path
        self.header = header
        elf = try Self.elf(file)
    }

    private static func elf(_ file: InputFile) throws(FlashError) -> ELF32 {
        do {
            return try ELF32(file.bytes)
        } catch {
            throw .inputFile(path: file.path, reason: "\(error)")
        }
    }

    /// - Parameters:
    ///   - output: The file, or for version 1 what the names of its two files begin with; nil makes names from the ELF's.
    ///   - bootLoader: eboot, for the Arduino layout.
    func make(_ layout: Layout, bootLoader: InputFile?, output: String?) throws(FlashError) -> [Made] {
        do {
            let linked = try FirmwareImage.Linked(elf)
            guard !linked.isEmpty else { throw FlashError.inputFile(path: path, reason: InputFile.nothingToLoad) }
            switch layout {
            case .first: return try first(linked, prefix: output ?? path + "-")
            case .second: return try [second(linked, output: output)]
            case .arduino: return try [arduino(bootLoader, output: output)]
            }
        } catch let error as FlashError {
            throw error
        } catch {
            throw .inputFile(path: path, reason: "\(error)")
        }
    }

    private func first(_ linked: FirmwareImage.Linked, prefix: String) throws(FlashError) -> [Made] {
        guard prefix != "-" else {
            throw .usage("version 1 makes up to two files; name with --output what their names begin with")
        }
        let image = linked.first(header).encoded
        var made = try [Made(path: prefix + "0x00000.bin", data: place(image, at: 0))]
        if let part = linked.inFlash, let offset = linked.flashOffset {
            guard offset >= image.count else {
                throw .inputFile(
                    path: path,
                    reason:
                        "what runs from the flash begins at \(Hex.text(UInt32(offset))), inside the image at 0x0, which has "
                        + "\(image.count) bytes; link it further up (0x40210000)")
            }
            try made.append(
                Made(path: prefix + Hex.text(UInt32(offset), 5) + ".bin", data: place(part.data, at: offset)))
        }
        return made
    }

    private func second(_ linked: FirmwareImage.Linked, output: String?) throws(FlashError) -> Made {
        guard let image = linked.second(header), let offset = linked.flashOffset else {
            throw .inputFile(
                path: path,
                reason:
                    "nothing of it stands in the flash's window (0x40200000), which version 2 is made for; take --layout 1"
            )
        }
        let start = offset / FlashGeometry.sectorBytes * FlashGeometry.sectorBytes
        let name = output ?? "\(stem)-\(Hex.text(UInt32(start), 5)).bin"
        return try Made(path: name, data: place(image.encoded, at: start))
    }

    private func arduino(_ bootLoader: InputFile?, output: String?) throws -> Made {
        guard let bootLoader else {
            throw FlashError.usage(
                "an Arduino build starts through the core's boot loader: name it with --eboot (the core has it as "
                    + "bootloaders/eboot/eboot.elf)")
        }
        let application = try ArduinoLayout.application(elf, header)
        guard let whole = try ArduinoLayout.join(bootLoader: boot(bootLoader), application: application) else {
            throw FlashError.inputFile(
                path: bootLoader.path, reason: "it is longer than the 4096 bytes that it may have")
        }
        return try Made(path: output ?? stem + ".bin", data: place(whole, at: 0))
    }

    /// eboot's image, with the same flash parameters as the application's.
    private func boot(_ file: InputFile) throws(FlashError) -> [UInt8] {
        do {
            if file.format == .elf { return try ArduinoLayout.bootLoader(Self.elf(file), header).encoded }
            var image = try Array(file.bytes[..<FirmwareImage.parse(file.bytes).length])
            ImageHeader.patch(
                &image, ImageHeader.Change(mode: header.mode, frequency: header.frequency, size: header.size))
            return image
        } catch let error as FlashError {
            throw error
        } catch {
            throw .inputFile(path: file.path, reason: "\(error)")
        }
    }

    private var stem: String {
        path.lowercased().hasSuffix(".elf") ? String(path.dropLast(4)) : path
    }

    private func place(_ bytes: [UInt8], at offset: Int) throws(FlashError) -> FlashData {
        guard let offset = FlashOffset(bytes: offset) else {
            throw .inputFile(path: path, reason: "it ends outside of a 16 MB flash")
        }
        return FlashData(offset: offset, bytes: bytes)
    }
}
