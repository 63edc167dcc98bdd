extension FirmwareImage {
    /// What an ELF file makes: the image that the ROM loads, and what stands in the flash's window.
    public struct Linked: Sendable, Equatable {
        /// The segments that are loaded into memory, in the order of the file.
        public var loaded: [ImageSegment]
        /// What is read from the flash in place, at its address in the window from 0x40200000 on.
        public var inFlash: ImageSegment?
        public var entry: UInt32

        /// Whether there is nothing to load at all.
        public var isEmpty: Bool { loaded.isEmpty && inFlash == nil }

        /// Where in the flash `inFlash` must stand (bytes).
        public var flashOffset: Int? {
            inFlash.map { Int($0.address - MemoryRegion.flash.addresses.lowerBound) }
        }

        /// - Throws: ``MalformedELF``.
        public init(_ elf: ELF32) throws(MalformedELF) {
            let segments = Self.joined(
                elf.sections.filter(\.isLoaded).map { ImageSegment(address: $0.address, data: $0.data) })
            let window = MemoryRegion.flash.addresses
            let inFlash = segments.filter { window.contains($0.address) }
            guard inFlash.count <= 1 else { throw .severalFlashSections(inFlash.count) }
            loaded = segments.filter { !window.contains($0.address) }
            guard loaded.count <= ImageHeader.mostSegments else { throw .tooManySections(loaded.count) }
            self.inFlash = inFlash.first
            entry = elf.entry
        }

        /// Where esptool sees one memory each; what lies between them is one more. Measured with version 5.6.0.
        private static let memories: [Range<UInt32>] = [
            0x3FF0_0000..<0x3FF0_0010, 0x3FFE_8000..<0x4000_0000, 0x4010_0000..<0x4010_8000, 0x4020_1010..<0x402E_1010,
        ]

        /// Pads each to a multiple of 4, and joins what then follows the one before it directly, in the same memory.
        private static func joined(_ sections: [ImageSegment]) -> [ImageSegment] {
            var segments: [ImageSegment] = []
            /// Of the last segment. To look at the segment itself would copy it for every section.
            var last: (end: UInt32, memory: Int?)?
            for section in sections {
                let data = section.data.padded(to: 4)
                let memory = memory(section.address)
                if let last, last.end == section.address, last.memory == memory {
                    segments[segments.count - 1].data += data
                } else {
                    segments.append(ImageSegment(address: section.address, data: data))
                }
                last = (section.address &+ UInt32(data.count), memory)
            }
            return segments
        }

        private static func memory(_ address: UInt32) -> Int? { memories.firstIndex { $0.contains(address) } }

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

        private func with(_ header: ImageHeader) -> ImageHeader {
            var header = header
            header.entry = entry
            return header
        }
    }
}
