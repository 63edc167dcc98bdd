/// The USB-serial chips that boards with an ESP8266 carry, by the numbers they answer with.
///
/// Source: the tables of Linux's drivers ch341, cp210x and ftdi_sio.
public struct BoardAdapter: Sendable, Equatable {
    /// What talks to it has to know which.
    public enum Chip: String, Sendable {
        case ch340 = "CH340"
        case cp210x = "CP210x"
        case ftdi = "FTDI"
    }

    public var chip: Chip
    public var vendor: UInt16
    public var products: [UInt16]

    public static let known = [
        BoardAdapter(chip: .ch340, vendor: 0x1A86, products: [0x7523, 0x5523, 0x7522]),
        BoardAdapter(chip: .ch340, vendor: 0x4348, products: [0x5523]),
        BoardAdapter(chip: .ch340, vendor: 0x9986, products: [0x7523]),
        BoardAdapter(chip: .ch340, vendor: 0x2184, products: [0x0057]),
        BoardAdapter(chip: .cp210x, vendor: 0x10C4, products: [0xEA60, 0xEA70, 0xEA71, 0xEA64]),
        BoardAdapter(chip: .ftdi, vendor: 0x0403, products: [0x6001, 0x6010, 0x6011, 0x6014, 0x6015]),
    ]

    static func known(vendor: UInt16, product: UInt16) -> BoardAdapter? {
        known.first { $0.vendor == vendor && $0.products.contains(product) }
    }
}
