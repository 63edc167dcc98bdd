import Foundation
import Synchronization
import UnitProtocol

/// `iot board`, a NodeMCU in software behind a serial port; its power is its process.
actor VirtualBoardUnit: UnitDriver {
    nonisolated let name: String
    private let board: RigBoard
    private let bench: Bench
    private let serial: BoardConsole
    private var program: Program?
    /// Whether it has been ready in this case: then it is to be so again.
    private var hasRun = false
    var isOff: Bool { program == nil }
    /// How often it has started, by itself or not.
    private let starts = Heard<String>()

    private static let startLimit = Duration.seconds(30)
    private static let stopLimit = Duration.seconds(10)

    init(_ board: RigBoard, unit: String, bench: Bench) {
        name = unit
        self.board = board
        self.bench = bench
        serial = BoardConsole(board, unit: unit, bench: bench, releasesReset: true)
    }

    nonisolated var console: Heard<String> { serial.lines }
    nonisolated var colors: Heard<Color?> { serial.colors }
    nonisolated var place: (address: IPv4Address, port: Int)? { nil }

    func begin() async throws {
        try await launch([])
        try await serial.begin()
    }

    /// Starts it with what its flash has held before.
    private func launch(_ faults: [String]) async throws {
        let ready = Mutex<String?>(nil)
        let (bench, name, starts) = (bench, name, starts)
        let flash = bench.state.appending(path: "\(name).flash").path
        let program = try Program(
            name, bench.iot,
            ["board", "--rfc2217", "0", "--flash", flash, "--json", "--stop-with-parent"] + board.options + faults,
            output: { line in ready.withLock { if $0 == nil { $0 = line } } },
            errors: { line in
                if line.contains("board.started") { starts.append(line, at: bench.now) }
                bench.tell(.unit, name, line)
            }, lost: { bench.lose($0, of: starts, .unit, name) })
        struct Ready: Decodable {
            struct Board: Decodable {
                var port: String
            }
            var boards: [Board]
        }
        let line = try await program.ready(name, within: Self.startLimit, hasRun: hasRun) { ready.withLock(\.self) }
        (self.program, hasRun) = (program, true)
        await serial.set(port: try JSONDecoder().decode(Ready.self, from: Data(line.utf8)).boards.first?.port)
    }

    // MARK: Power

    func start() async throws {
        guard program == nil else { throw HILError.failed("\(name) runs already") }
        try await power(.on, cable: nil)
    }

    func stop() async throws {
        guard program != nil else { throw HILError.failed("\(name) does not run") }
        await serial.end()
        let wrong = await ending()
        if let wrong { throw HILError.failed(wrong) }
    }

    func kill() async throws {
        guard program != nil else { throw HILError.failed("\(name) does not run") }
        try await power(.off, cable: nil)
    }

    /// - Throws: What had become of it by itself.
    private func cut() async throws {
        let trouble = await trouble()
        await serial.end()
        let end = await program?.kill()
        program = nil
        if let trouble = trouble ?? end.map({ .failed("\(name) ended by itself (\($0))") }) { throw trouble }
    }

    func power(_ power: Step.Power, cable: Cable?) async throws {
        if power != .on {
            try await cut()
            bench.tell(.power, name, "off")
        }
        if power == .cycle { try await Task.sleep(for: .seconds(1)) }
        if power != .off, program == nil {
            bench.tell(.power, name, "on")
            try await launch([])
            try await serial.beginAgain()
        }
    }

    func reset(cable: Cable?) async throws { try await serial.reset() }

    func type(_ text: String) async throws { try await serial.type(text) }

    func set(baud: Int) async throws { try await serial.set(baud: baud) }

    // MARK: The flash

    func flash(_ order: FlashOrder) async throws {
        let call = FlashCall(order: order, unit: name, bench: bench)
        try call.check()
        let before = starts.end
        if order.powerFailsAfter == nil { await serial.end() }
        if let count = order.powerFailsAfter {
            try await cut()
            try await launch(["--fault", "brown-out:\(count)"])
        }
        guard let port = await serial.port else { throw lacks("flashed") }
        let end = try await call.run(on: port)
        try await serial.beginAgain()
        if let wrong = call.wrong(end, powerHasFailed: order.powerFailsAfter != nil) { throw wrong }
        if order.powerFailsAfter != nil {
            // Once when it was launched, once when its power failed, and once when it was written and started.
            try await expectStarts(before + (end.status == "exit code 0" ? 3 : 2), order)
        }
    }

    /// A failure of the power that has not come about proves nothing.
    private func expectStarts(_ count: Int, _ order: FlashOrder) async throws {
        do {
            try await TimeLimit.run(.seconds(2), "starts") { [starts] in
                try await awaited { starts.end >= count ? () : nil }
            }
        } catch HILError.failed {
            throw HILError.infrastructure("the power did not fail while \(order.image) was written; is it too small?")
        }
    }

    // MARK: The end

    func trouble() async -> HILError? {
        if let end = await program?.ownEnd() { return .failed("\(name) ended by itself (\(end))") }
        return await serial.trouble().map { .infrastructure("\(name): \($0)") }
    }

    private func ending() async -> String? {
        defer { program = nil }
        return await program?.stop(within: Self.stopLimit).wrong(name, within: Self.stopLimit)
    }

    func end() async -> [HILError] {
        let gone = await trouble()
        await serial.end()
        let wrong = await ending()
        return [gone, wrong.map { .failed($0) }].compactMap(\.self)
    }
}
