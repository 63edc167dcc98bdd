import Foundation

/// A signal that is chosen by its name, read once: a file of recorded values is not looked at again for each sample, and may go meanwhile.
struct NamedSignal: Sendable {
    /// The notation; of a file only its own name, as everybody who watches is told it.
    let name: String
    let signal: Signal

    /// - Throws: ``SignalError``.
    init(_ notation: String) throws(SignalError) {
        signal = try Signal(notation)
        name =
            if case .replay = signal, let slash = notation.lastIndex(of: "/") {
                "csv:" + notation[notation.index(after: slash)...]
            } else {
                notation
            }
    }

    private init(free name: String, _ signal: Signal) {
        (self.name, self.signal) = (name, signal)
    }

    static let uniform = NamedSignal(free: "uniform", .uniform)

    /// What everybody may choose who controls an interface.
    static let free = [
        uniform, NamedSignal(free: "walk:20", .randomWalk(step: 20)),
        NamedSignal(free: "sine:2s", .sine(period: .seconds(2))), NamedSignal(free: "counter", .counter),
    ]
}
