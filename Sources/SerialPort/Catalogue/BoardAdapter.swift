/// The USB-serial chips that boards with an ESP8266 carry, by the numbers they answer with.
///
/// Source: the tables of Linux's drivers ch341, cp210x and ftdi_sio.
public struct BoardAdapter: Sendable, Equatable {
    public var name: String
    public var vendor: UInt16
    public var products: [UInt16]

    public static let known = [
        BoardAdapter(name: "CH340", vendor: 0x1A86, products: [0x7523, 0x5523, 0x7522]),
        BoardAdapter(name: "CH340", vendor: 0x4348, products: [0x5523]),
        BoardAdapter(name: "CH340", vendor: 0x9986, products: [0x7523]),
        BoardAdapter(name: "CH340", vendor: 0x2184, products: [0x0057]),
        BoardAdapter(name: "CP210x", vendor: 0x10C4, products: [0xEA60, 0xEA70, 0xEA71, 0xEA64]),
        BoardAdapter(name: "FTDI", vendor: 0x0403, products: [0x6001, 0x6010, 0x6011, 0x6014, 0x6015]),
    ]
}
