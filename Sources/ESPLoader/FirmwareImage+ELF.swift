extension FirmwareImage {
    /// What an ELF file makes: the image that the ROM loads, and what stands in the flash's window.
    public struct Linked: Sendable, Equatable {
        /// The segments that are loaded into memory, in the order of the file.
        public var loaded: [ImageSegment]
        /// What is read from the flash in place, at its address in the window from 0x40200000 on.
        public var inFlash: ImageSegment?
        public var entry: UInt32

        /// Where in the flash `inFlash` must stand (bytes).
        public var flashOffset: Int? {
            inFlash.map { Int($0.address - MemoryRegion.flash.addresses.lowerBound) }
        }

        /// - Throws: ``MalformedELF``.
        public init(_ elf: ELF32) throws(MalformedELF) {
            let segments = elf.sections.filter(\.isLoaded).map { ImageSegment(address: $0.address, data: $0.data) }
            guard !segments.isEmpty else { throw .nothingToLoad }
            let window = MemoryRegion.flash.addresses
            let inFlash = segments.filter { window.contains($0.address) }
            guard inFlash.count <= 1 else { throw .severalFlashSections(inFlash.count) }
            loaded = segments.filter { !window.contains($0.address) }
            guard loaded.count <= ImageHeader.mostSegments else { throw .tooManySections(loaded.count) }
            self.inFlash = inFlash.first
            entry = elf.entry
        }

        /// An image of version 1; what stands in the flash is another file.
        public func first(_ header: ImageHeader) -> FirmwareImage {
            FirmwareImage(header: with(header), segments: loaded)
        }

        /// An image of version 2, which holds what stands in the flash; its address there is 0.
        ///
        /// - Returns: Nil where nothing stands in the flash.
        public func second(_ header: ImageHeader) -> FirmwareImage? {
            inFlash.map {
                FirmwareImage(
                    header: with(header), segments: loaded, flashPart: ImageSegment(address: 0, data: $0.data))
            }
        }

        /// An application as the Arduino core lays it out: what stands in the flash is the image's first segment.
        public func application(_ header: ImageHeader) -> FirmwareImage? {
            inFlash.map { FirmwareImage(header: with(header), segments: [$0] + loaded) }
        }

        private func with(_ header: ImageHeader) -> ImageHeader {
            var header = header
            header.entry = entry
            return header
        }
    }
}
