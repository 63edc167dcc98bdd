/// A kind of board: what a host sees of it over USB, and which flash it has.
public struct BoardModel: Sendable {
    public var name: String
    public var title: String
    public var adapter: Adapter
    public var flash: FlashChip

    /// The USB-serial chip on the board.
    public enum Adapter: String, Sendable {
        case cp2102 = "CP2102"
        case ch340 = "CH340"
    }

    public static let nodeMCU = BoardModel(
        name: "nodemcu", title: "NodeMCU v2", adapter: .cp2102, flash: .w25q32)
    public static let d1Mini = BoardModel(
        name: "d1-mini", title: "Wemos D1 mini", adapter: .ch340, flash: .gd25q32)
    public static let all = [nodeMCU, d1Mini]
}
