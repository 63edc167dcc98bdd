/// A unit that a suite asks for, by what it is and can do.
struct GivenUnit: Equatable, Sendable {
    var name: String
    /// Nil: either kind will do.
    var kind: UnitKind?
    var abilities: Set<Ability>
}
