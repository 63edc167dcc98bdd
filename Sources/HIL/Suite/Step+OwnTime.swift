extension Step.Action {
    /// More than any step has.
    static let longest = Duration.seconds(86_400 * 11_574)

    /// How long the step takes at the least, by what it says itself; ``longest`` stands for all that is longer.
    var ownTime: Duration {
        switch self {
        case .wait(let time), .saysNot(_, _, let time), .hubExpectsNothing(_, let time), .keepsShowing(_, _, let time),
            .clientExpects(_, .silence(let time)), .again(.lasting(let time), _):
            time
        case .again(.times(let count), let steps):
            min(Self.longest, min(Self.longest, steps.reduce(.zero) { $0 + $1.action.ownTime }) * count)
        default: .zero
        }
    }

    /// The programs that it starts, by their names.
    var programs: [String] {
        switch self {
        case .run(let words, _): [words.first].compactMap(\.self)
        case .again(_, let steps): steps.flatMap(\.action.programs)
        default: []
        }
    }
}
