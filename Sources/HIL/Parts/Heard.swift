import Synchronization

/// What a part has said so far, each with the time at which it was heard, for steps that wait for some of it.
///
/// Keeps the newest ``most``: with one more than that the older half goes. A place that was given stays good, and leads to what is
/// still there; ``missing(from:)`` tells how much is not, so that nobody takes what was forgotten for what was not said.
final class Heard<Element: Sendable>: Sendable {
    struct Entry: Sendable {
        /// Since the run's start, where whoever fills it says nothing else.
        let time: Duration
        let element: Element
    }

    private struct State {
        var entries: [Entry] = []
        /// How many before them are gone.
        var gone = 0
        /// How many have never come here.
        var lost = 0
        var birth = 0
    }

    private let most: Int
    private let state = Mutex(State())

    init(most: Int = 200_000) {
        self.most = most
    }

    func append(_ element: Element, at time: Duration) {
        state.withLock { state in
            state.entries.append(Entry(time: time, element: element))
            guard state.entries.count > most else { return }
            let surplus = state.entries.count - most / 2
            state.entries.removeFirst(surplus)
            state.gone += surplus
        }
    }

    /// What comes from now on is of a new life of the speaker's: it has lost its power, or was started anew.
    func beginAnew() { state.withLock { $0.birth = $0.gone + $0.entries.count } }

    /// Where the speaker's life has begun, 0 for the first one.
    var birth: Int { state.withLock(\.birth) }

    /// So many were said and have never come here.
    func lose(_ count: Int) { state.withLock { $0.lost += count } }

    /// How many from a place on are not here; those that have never come may have been said at any time.
    func missing(from place: Int) -> Int { state.withLock { $0.lost + max(0, $0.gone - place) } }

    /// The place of what comes next.
    var end: Int { state.withLock { $0.gone + $0.entries.count } }

    var last: Entry? { state.withLock(\.entries.last) }

    /// All from a place on.
    func from(_ place: Int) -> [Entry] { all(from: place).entries }

    /// All from a place on, and the place after them.
    func all(from place: Int) -> (entries: [Entry], next: Int) {
        state.withLock { state in
            (Array(state.entries.dropFirst(max(0, place - state.gone))), state.gone + state.entries.count)
        }
    }

    /// No more than so many from a place on, and the place of the first of them.
    func entries(from place: Int, atMost most: Int) -> (entries: [Entry], place: Int) {
        state.withLock { state in
            let start = min(max(0, place - state.gone), state.entries.count)
            return (Array(state.entries[start...].prefix(most)), state.gone + start)
        }
    }

    /// The first from a place on that fits, and the place after it. Whoever says something meanwhile does not wait for it.
    func first(from place: Int, where fits: (Element) throws -> Bool) rethrows -> (entry: Entry, next: Int)? {
        let (entries, start) = entries(from: place, atMost: .max)
        guard let index = try entries.firstIndex(where: { try fits($0.element) }) else { return nil }
        return (entries[index], start + index + 1)
    }
}

/// Looks again and again until there is a value; ends with the task that is cancelled.
func awaited<Value>(every pause: Duration = .milliseconds(10), _ look: () async throws -> Value?) async throws -> Value
{
    while true {
        if let value = try await look() { return value }
        try await Task.sleep(for: pause)
    }
}
