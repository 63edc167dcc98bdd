/// A kind of board, which differs from others by its flash.
public struct BoardModel: Sendable {
    public var name: String
    public var flash: FlashChip

    /// NodeMCU v2.
    public static let nodeMCU = BoardModel(name: "nodemcu", flash: .w25q32)
    /// Wemos D1 mini.
    public static let d1Mini = BoardModel(name: "d1-mini", flash: .gd25q32)
    public static let all = [nodeMCU, d1Mini]
}
