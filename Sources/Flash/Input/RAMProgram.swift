import ESPLoader

/// A program that runs from memory.
struct RAMProgram: Sendable {
    var segments: [ImageSegment]
    var entry: UInt32

    var bytes: Int { segments.reduce(0) { $0 + $1.data.count } }

    init(_ file: InputFile) throws(FlashError) {
        do {
            if file.format == .elf {
                let linked = try FirmwareImage.Linked(ELF32(file.bytes))
                guard linked.inFlash == nil else {
                    throw FlashError.inputFile(
                        path: file.path, reason: "it has a section in the flash, so it cannot run from memory")
                }
                (segments, entry) = (linked.loaded, linked.entry)
            } else {
                let image = try FirmwareImage.parse(file.bytes).image
                (segments, entry) = (image.segments, image.header.entry)
            }
        } catch let error as FlashError {
            throw error
        } catch {
            throw .inputFile(path: file.path, reason: "\(error)")
        }
        guard !segments.isEmpty else { throw .inputFile(path: file.path, reason: InputFile.nothingToLoad) }
        for segment in segments {
            guard let region = MemoryRegion(of: segment.address), region.isMemory, region != .flash else {
                throw .inputFile(
                    path: file.path,
                    reason: "a segment goes to \(Hex.text(segment.address)), which a program cannot be loaded into")
            }
            guard segment.data.count <= Int(region.addresses.upperBound - segment.address) else {
                throw .inputFile(
                    path: file.path,
                    reason:
                        "a segment of \(segment.data.count) bytes at \(Hex.text(segment.address)) is larger than the memory there"
                )
            }
        }
    }
}
