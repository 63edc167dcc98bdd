/// When each of many is due next: a heap in which what has been moved stays until its old time comes, and then is passed over.
struct Agenda {
    private struct Entry {
        var at: Duration
        var number: Int

        func isBefore(_ other: Entry) -> Bool { (at, number) < (other.at, other.number) }
    }

    private var times: [Duration?]
    private var heap: [Entry] = []

    /// - Parameter count: They are numbered from zero on; none is due.
    init(count: Int) {
        times = Array(repeating: nil, count: count)
    }

    /// When one is due; nil is never.
    subscript(number: Int) -> Duration? {
        get { times[number] }
        set {
            guard times[number] != newValue else { return }
            times[number] = newValue
            if let newValue { push(Entry(at: newValue, number: number)) }
        }
    }

    /// When the next is due.
    var next: Duration? {
        mutating get {
            while let first = heap.first {
                if times[first.number] == first.at { return first.at }
                pop()
            }
            return nil
        }
    }

    /// Those that are due by a time, in the order of their numbers. They stay due until they are set anew.
    mutating func due(by time: Duration) -> [Int] {
        var due: Set<Int> = []
        while let first = heap.first, first.at <= time {
            if times[first.number] == first.at { due.insert(first.number) }
            pop()
        }
        for number in due { times[number].map { push(Entry(at: $0, number: number)) } }
        return due.sorted()
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var place = heap.count - 1
        while place > 0, heap[place].isBefore(heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            let (left, right) = (2 * place + 1, 2 * place + 2)
            guard left < heap.count else { return }
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[place]) else { return }
            heap.swapAt(child, place)
            place = child
        }
    }
}
