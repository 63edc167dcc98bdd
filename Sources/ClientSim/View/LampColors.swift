import Synchronization
import UnitProtocol

/// What the lamps show, by the number of the unit.
final class LampColors: Sendable {
    private let shown = Mutex<[Int: Color]>([:])

    func set(_ color: Color, of unit: Int) { shown.withLock { $0[unit] = color } }

    var all: [Int: Color] { shown.withLock(\.self) }
}
