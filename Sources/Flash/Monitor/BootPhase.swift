/// How long the ROM's boot log goes on after a reset, while the port listens at the ROM's speed.
///
/// It is over with the last line of the Arduino core's boot loader (`~ld`), with bytes that are no text after the ROM's last
/// line (`csum`), after a silence, or after a limit in any case.
struct BootPhase {
    static let silence = Duration.milliseconds(300)
    static let limit = Duration.seconds(3)

    private let began: Duration
    private var lastHeard: Duration
    private var lines = LineAssembler()
    private var isLoaded = false
    private var hasEnded = false

    init(at now: Duration) {
        began = now
        lastHeard = now
    }

    mutating func receive(_ bytes: [UInt8], at now: Duration) {
        lastHeard = now
        for event in lines.take(bytes) {
            switch event {
            case .text(let text): if isLoaded, text.contains("\\x") { hasEnded = true }
            case .lineEnd(let line):
                if line.hasPrefix("csum ") { isLoaded = true }
                if line.hasPrefix("~ld") { hasEnded = true }
            }
        }
    }

    func isOver(at now: Duration) -> Bool {
        hasEnded || now - lastHeard >= Self.silence || now - began >= Self.limit
    }
}
