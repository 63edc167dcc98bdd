/// Whose turn it is: cases in their order, as many at once as there are jobs, and no two at once that share a board.
struct CaseSchedule: Sendable {
    enum Turn: Equatable, Sendable {
        /// From each unit to its board, which is the case's until it has ended.
        case play(Int, boards: [String: String])
        /// The rig can never play it.
        case skip(Int, why: String)
    }

    private let given: [[GivenUnit]]
    private let boards: [RigBoard]
    private let jobs: Int
    /// Those whose turn is yet to come, by their numbers.
    private(set) var waiting: [Int]
    /// The boards of each case that is played.
    private var playing: [Int: Set<String>] = [:]
    private(set) var isOver = false

    /// - Parameters:
    ///   - given: The units of each case.
    ///   - jobs: From 1.
    init(_ given: [[GivenUnit]], on boards: [RigBoard], jobs: Int) {
        self.given = given
        self.boards = boards
        self.jobs = jobs
        waiting = Array(given.indices)
    }

    /// The first case that waits whose boards are free, or one that no board will ever be there for; nil where none has its turn
    /// until another one ends.
    mutating func next() -> Turn? {
        guard !isOver, playing.count < jobs else { return nil }
        let busy = playing.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let free = boards.filter { !busy.contains($0.name) }
        for (position, index) in waiting.enumerated() {
            if case .lacking(let why) = Match(given[index], on: boards) {
                waiting.remove(at: position)
                return .skip(index, why: why)
            }
            if case .boards(let names) = Match(given[index], on: free) {
                waiting.remove(at: position)
                playing[index] = Set(names.values)
                return .play(index, boards: names)
            }
        }
        return nil
    }

    /// A case that was played has come to its end, and its boards are free.
    mutating func ended(_ index: Int) { playing[index] = nil }

    /// No case has its turn any more.
    mutating func end() { isOver = true }
}
