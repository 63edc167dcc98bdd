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
            try report.phase(.write, "\(piece.data.offset)", total: piece.data.bytes.count) {
                (progress) throws(FlashError) in
                try board.loader.write(piece.data, isFull: isFull, progress: progress)
            }
        }
        guard verifies else { return }
        for piece in fitted.pieces { try Self.verify(piece.data, board, report) }
        board.loader.state.readBack = .done
    }

    /// - Throws: ``FlashError/differs(port:offset:bytes:)``.
    static func verify(_ data: FlashData, _ board: Board, _ report: BoardReport) throws(FlashError) {
        try report.phase(.verify, "\(data.offset)", total: data.bytes.count) { (progress) throws(FlashError) in
            if let difference = try board.loader.firstDifference(data, progress: progress) {
                throw .differs(port: board.loader.link.port.name, offset: difference, bytes: data.bytes.count)
            }
        }
    }
}
