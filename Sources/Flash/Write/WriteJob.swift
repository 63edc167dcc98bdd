import ESPLoader

/// Writes a plan to one board, and verifies it.
struct WriteJob: Sendable {
    var plan: WritePlan
    var header: WritePlan.Header
    var isForced: Bool
    var verifies: Bool
    /// Whether sectors are written that hold the right bytes already.
    var isFull = false

    func run(_ board: Board, _ report: BoardReport) throws(FlashError) {
        let fitted = try plan.fitted(
            flashSize: board.flashSize(named: header.namedSize), header: header, isForced: isForced)
        for note in fitted.notes { report(.note(note)) }
        var state = FlashState(
            fitted.pieces.map { piece in
                let start = piece.data.offset.bytes
                return FlashState.Part(
                    deed: .write(name: piece.name), range: start..<start + piece.data.bytes.count)
            })
        state.readBack = verifies ? .due : .none
        board.loader.state = state
        for piece in fitted.pieces {
            let right = try report.phase(.write, "\(piece.data.offset)", total: piece.data.bytes.count) {
                (progress) throws(FlashError) in
                try board.loader.write(piece.data, isFull: isFull, progress: progress)
            }
            if right > 0 { report(.note(Self.told(right: right, of: piece.data))) }
        }
        guard verifies else { return }
        if !board.loader.tellsDigests, let note = Self.patience(bytes: fitted.bytes, baud: board.loader.link.baud) {
            report(.note("\(note), --no-verify leaves it out"))
        }
        for piece in fitted.pieces { try Self.verify(piece.data, board, report, isJustWritten: true) }
        board.loader.state.readBack = .done
    }

    static func told(right: Int, of data: FlashData) -> String {
        let sector = FlashGeometry.sectorBytes
        let all = (data.bytes.count + sector - 1) / sector
        return right == all
            ? "all \(all) sectors held that already, and were left alone: --full writes them all the same"
            : "\(right) of \(all) sectors held that already, and were left alone"
    }

    /// What a byte that the ROM's loader reads back takes, in bytes on the wire: a request and an answer for every four of
    /// them and the flash's commands make eight, as `--trace` counts them, and waiting for the answers as much as two.
    private static let wireBytes = 10
    /// Reading back is said to take long from here on (seconds).
    private static let long = 20.0

    /// How long reading back will take; nil where that is not worth a word.
    static func patience(bytes: Int, baud: Int) -> String? {
        let seconds = Double(bytes * wireBytes * 10) / Double(baud)
        guard seconds >= long else { return nil }
        return
            "reading back \(FlashText.size(bytes)) takes about \(FlashText.time(seconds)) at \(baud) baud: a higher --baud "
            + "shortens it"
    }

    /// - Parameter isJustWritten: Whether the loader has just written it, and may have looked at it already.
    /// - Throws: ``FlashError/differs(port:offset:bytes:)``.
    static func verify(
        _ data: FlashData, _ board: Board, _ report: BoardReport, isJustWritten: Bool = false
    ) throws(FlashError) {
        try report.phase(.verify, "\(data.offset)", total: data.bytes.count) { (progress) throws(FlashError) in
            let difference =
                isJustWritten
                ? try board.loader.firstDifferenceWritten(data, progress: progress)
                : try board.loader.firstDifference(data, progress: progress)
            guard let difference else { return }
            throw .differs(port: board.loader.link.port.name, offset: difference, bytes: data.bytes.count)
        }
    }
}
