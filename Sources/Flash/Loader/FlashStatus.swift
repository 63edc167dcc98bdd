/// The first status register of a flash.
struct FlashStatus: Sendable, Equatable {
    var bits: UInt8

    /// Whether blocks are protected, all or some: bits BP0 to BP2, which flashes of all makers have in this place.
    var isProtecting: Bool { bits & 0x1C != 0 }

    func contains(_ bit: UInt8) -> Bool { bits & bit != 0 }
}
