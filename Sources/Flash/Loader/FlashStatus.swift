/// The first status register of a flash.
struct FlashStatus: Sendable, Equatable {
    var bits: UInt8

    func contains(_ bit: UInt8) -> Bool { bits & bit != 0 }
}
