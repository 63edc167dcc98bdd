import Foundation
import SerialPort
import Synchronization
import UnitProtocol

/// The console of a board that has a serial port: its lines, what is typed, and what its control lines do.
///
/// It is closed while the board has no power, and while its flash is written.
actor BoardConsole {
    nonisolated let lines = Heard<String>()
    nonisolated let colors = Heard<Color?>()
    /// Where the board is; nil where it has no serial port. Of a virtual one another each time that it gets power.
    private(set) var port: String?
    private let unit: String
    private let bench: Bench
    private let releasesReset: Bool
    private let readsColors: Bool
    private var baud: Int
    private var open: SerialConsole?
    /// What comes while the lines count for no step; nil while they do.
    private nonisolated let unheard = Mutex<Heard<String>?>(nil)

    /// Between a port that has come back and its use.
    private static let portLimit = Duration.seconds(15)

    /// - Parameter releasesReset: Whether DTR and RTS hold the board, where they are not let go.
    init(_ board: RigBoard, unit: String, bench: Bench, releasesReset: Bool) {
        self.unit = unit
        self.bench = bench
        self.releasesReset = releasesReset
        readsColors = board.wiring.readback == .console
        port = board.serial?.port
        baud = board.serial?.baud ?? 115_200
    }

    func set(port: String?) { self.port = port }

    /// - Parameter isHeard: Whether the lines count; else the transcript alone has them, up to ``hear()``.
    func begin(isHeard: Bool = true) async throws {
        guard let port else { return }
        let (unit, bench, lines, colors, readsColors) = (unit, bench, lines, colors, readsColors)
        unheard.withLock { $0 = isHeard ? nil : Heard() }
        let take: @Sendable (String) -> Void = { [self] text in
            (unheard.withLock(\.self) ?? lines).append(text, at: bench.now)
            bench.tell(.serial, unit, text)
            if readsColors, let color = HTMLColor.parse(Array(text.utf8)) {
                colors.append(color, at: bench.now)
                bench.tell(.unit, unit, "shows \(color)")
            }
        }
        open = try await SerialConsole.open(port, baud: baud, releasesReset: releasesReset, line: take) {
            bench.tell(.serial, unit, $0, .warning)
        }
    }

    /// Waits for a line among those that do not count.
    ///
    /// - Returns: The place after it; nil where there is no port, or none has come within `limit`.
    func overhear(_ text: String, from place: Int, within limit: Duration) async throws -> Int? {
        guard let heard = unheard.withLock(\.self) else { return nil }
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let found = heard.first(from: place, where: { $0.contains(text) }) { return found.next }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    /// Has the lines count from the next one on.
    func hear() { unheard.withLock { $0 = nil } }

    /// A port that has gone with the power comes back a while after it.
    func beginAgain() async throws {
        let deadline = ContinuousClock.now + Self.portLimit
        while true {
            do {
                return try await begin()
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Lets the port go; what it has said belongs to a life that is over.
    func end() async {
        await open?.end()
        open = nil
        beginAnew()
    }

    private func beginAnew() {
        lines.beginAnew()
        forgetColor()
    }

    /// Before the lamp loses it: a program that watches the lamp may say at once what becomes of it.
    private func forgetColor() { colors.append(nil, at: bench.now) }

    /// Lets the port go, where it is in use.
    func endIfOpen() async {
        if open != nil { await end() }
    }

    /// Why the port, which is to be in use, is of no use any more.
    func trouble() -> String? { open?.trouble }

    private func serial() throws -> SerialConsole {
        guard let open else { throw HILError.failed("\(unit)'s console is closed: it has no power") }
        return open
    }

    func type(_ text: String) async throws {
        try await serial().perform { port throws(SerialError) in
            try port.write(Array((text + "\r\n").utf8), within: .seconds(5))
        }
        bench.tell(.serial, unit, "> \(text)")
    }

    func set(baud: Int) async throws {
        try await serial().perform { port throws(SerialError) in
            try port.set(baud: baud)
            try port.discardInput()
        }
        self.baud = baud
    }

    func reset() async throws {
        bench.tell(.power, unit, "reset")
        forgetColor()
        let hasLines = Mutex(false)
        try await serial().perform { port throws(SerialError) in
            hasLines.withLock { $0 = port.hasModemLines }
            try port.set(dtr: false, rts: true)
        }
        guard hasLines.withLock(\.self) else {
            throw HILError.infrastructure(
                "\(unit)'s port has no line that leads to EN, so that it cannot be reset; take reset-lines out of its wiring"
            )
        }
        // What was said before it has been read by then.
        try await Task.sleep(for: .milliseconds(100))
        lines.beginAnew()
        if readsColors { forgetColor() }
        try await serial().perform { port throws(SerialError) in try port.set(dtr: false, rts: false) }
    }
}
