/// Where the CPU goes from what it was doing: offsets from VECBASE.
enum Vector {
    static let debug: UInt32 = 0x10
    static let nmi: UInt32 = 0x20
    static let kernel: UInt32 = 0x30
    static let user: UInt32 = 0x50
    static let double: UInt32 = 0x70
}
