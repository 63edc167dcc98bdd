import ESPLoader

/// What a command changes in a flash, and how far it is, so that what ends it before its time can say how the flash is.
///
/// The command says beforehand what it is to change, in order; the loader, what it is about to change and what is done.
struct FlashState: Sendable, Equatable {
    /// One range that is erased, or written from one file.
    struct Part: Sendable, Equatable {
        enum Deed: Sendable, Equatable {
            case erase
            /// - Parameter name: The file's.
            case write(name: String)
            /// The flash's status registers; the range is empty.
            case writeStatus
        }

        var deed: Deed
        /// In bytes from the flash's start.
        var range: Range<Int>
    }

    /// Whether what was written is read back.
    enum ReadBack: Sendable, Equatable {
        case none
        case due
        case done
    }

    private let parts: [Part]
    /// How many parts are done.
    private var done = 0
    /// Up to where the part that is under way is as it shall be; nil where it is not begun.
    private var reached: Int?
    /// Up to where it may be changed already.
    private var touched = 0
    var readBack = ReadBack.none

    init(_ parts: [Part] = []) {
        self.parts = parts
    }

    /// Right before the flash is changed: from here to `end` (bytes from its start) it may be neither old nor new.
    mutating func begin(upTo end: Int) {
        guard parts.indices.contains(done) else { return }
        let range = parts[done].range
        reached = reached ?? range.lowerBound
        touched = max(touched, min(end, range.upperBound))
    }

    /// What is under way is as it shall be up to `end` (bytes from the flash's start).
    mutating func reach(_ end: Int) {
        guard parts.indices.contains(done) else { return }
        guard end < parts[done].range.upperBound else {
            (done, reached, touched) = (done + 1, nil, 0)
            return
        }
        reached = max(reached ?? end, end)
    }

    // MARK: What is said of it

    /// The error for a command that `error` has ended while it worked.
    func ending(_ error: FlashError, port: String) -> FlashError {
        guard !parts.isEmpty else { return error }
        if case .interrupted = error { return .interrupted(port: port, state: text) }
        if done == parts.count {
            // What was found in the flash says it all.
            if ExitStatus(error) == .differs { return error }
            return readBack == .due ? .notVerified(port: port, why: error.reason(without: port)) : error
        }
        guard done > 0 || reached != nil else { return .unchanged(error) }
        return .partlyWritten(port: port, state: text, why: error.reason(without: port))
    }

    /// The error for a command that has done its work, and could not start the board.
    func leaving(_ error: FlashError, port: String) -> FlashError {
        if case .interrupted = error {
            let state = parts.isEmpty ? "" : "\(text); "
            return .interrupted(port: port, state: "\(state)the board may still be in its loader: press RST")
        }
        return .notStarted(port: port, state: parts.isEmpty ? "" : text, why: error.reason(without: port))
    }

    /// How the flash is, in a sentence without its end.
    private var text: String {
        guard done < parts.count else { return finishedText }
        guard done > 0 || reached != nil else { return "the flash is as it was" }
        return parts.indices.map(clause).joined(separator: "; ") + ": \(advice)"
    }

    private var finishedText: String {
        switch (parts.last?.deed, readBack) {
        case (.write, .done): "the flash is right: all is written and verified"
        case (.write, .due): "all is written, but it was not read back to the end: run iot flash verify"
        case (.write, .none): "all is written"
        case (.erase, _): "all is erased"
        case (.writeStatus, _), (nil, _): "the flash's status registers are written"
        }
    }

    private var advice: String {
        switch parts[done].deed {
        case .write: "write again before the board is used"
        case .erase: "erase again before the board is used"
        case .writeStatus: "look with iot flash status read before the board is used"
        }
    }

    private func clause(_ index: Int) -> String {
        let part = parts[index]
        let (start, end) = (Hex.text(UInt32(part.range.lowerBound)), Hex.text(UInt32(part.range.upperBound)))
        var name = "the flash"
        if case .write(let file) = part.deed, parts.count > 1 { name = file }
        if index < done { return "\(name) is written whole (\(start) to \(end))" }
        guard index == done, let reached else {
            return "\(name) is not begun (\(start) to \(end) are as they were)"
        }
        switch part.deed {
        case .write:
            let whole = reached / FlashGeometry.sectorBytes * FlashGeometry.sectorBytes
            let place = Hex.text(UInt32(max(part.range.lowerBound, whole)))
            // The last sector is erased whole.
            let sectors = (part.range.upperBound + FlashGeometry.sectorBytes - 1) / FlashGeometry.sectorBytes
            let erased = Hex.text(UInt32(sectors * FlashGeometry.sectorBytes))
            return "\(name) is written up to \(place), and erased or unknown from there to \(erased)"
        case .erase:
            let (place, half) = (Hex.text(UInt32(reached)), Hex.text(UInt32(max(reached, touched))))
            let spans = [
                reached > part.range.lowerBound ? "\(start) to \(place) are erased" : nil,
                touched > reached ? "\(place) to \(half) may be erased in part" : nil,
                max(reached, touched) < part.range.upperBound ? "\(half) to \(end) are as they were" : nil,
            ]
            return "of the flash " + spans.compactMap(\.self).joined(separator: ", ")
        case .writeStatus:
            return "the flash's status registers may be old, new or half written"
        }
    }
}
