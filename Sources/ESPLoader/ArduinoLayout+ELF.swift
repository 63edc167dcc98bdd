extension ArduinoLayout {
    /// The sections of the core's linker scripts that its build takes, each as a segment of its own, empty ones too.
    private static let applicationSections = [".irom0.text", ".text", ".text1", ".data", ".rodata"]
    private static let bootLoaderSections = [".text", ".rodata"]

    /// The application of a sketch's ELF file.
    ///
    /// - Throws: ``MalformedELF/notArduino(_:)``.
    public static func application(_ elf: ELF32, _ header: ImageHeader) throws(MalformedELF) -> FirmwareImage {
        let image = image(elf, applicationSections, header)
        guard let first = image.segments.first, first.address == codeAddress, first.data.count >= 8 else {
            throw .notArduino("has no section .irom0.text at 0x40201010: it is no Arduino build")
        }
        return image
    }

    /// The image of eboot's ELF file.
    ///
    /// - Throws: ``MalformedELF/notArduino(_:)``.
    public static func bootLoader(_ elf: ELF32, _ header: ImageHeader) throws(MalformedELF) -> FirmwareImage {
        let image = image(elf, bootLoaderSections, header)
        guard let first = image.segments.first, !first.data.isEmpty, first.address != codeAddress else {
            throw .notArduino("has no section .text that runs from memory: it is no eboot")
        }
        return image
    }

    private static func image(_ elf: ELF32, _ names: [String], _ header: ImageHeader) -> FirmwareImage {
        var header = header
        header.entry = elf.entry
        let segments = names.compactMap { name in
            elf.sections.first { $0.name == name && $0.address != 0 && $0.data.count == $0.size }
        }
        return FirmwareImage(
            header: header, segments: segments.map { ImageSegment(address: $0.address, data: $0.data) })
    }
}
