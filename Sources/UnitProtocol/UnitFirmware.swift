/// A unit's firmware as a value: bytes and time in, actions out.
///
/// Times count from any fixed moment and never decrease. After each input, all actions are to be done in their order.
public protocol UnitFirmware: Sendable {
    mutating func on(_ input: UnitInput, at now: Duration) -> [UnitAction]

    /// How many more bytes lwIP's receive window holds at this moment.
    var receiveRoom: Int { get }
}
