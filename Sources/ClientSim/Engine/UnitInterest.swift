/// Of what units show, what somebody wants to know.
struct UnitInterest: OptionSet, Sendable {
    let rawValue: Int

    static let console = UnitInterest(rawValue: 1)
    static let colors = UnitInterest(rawValue: 2)
}
