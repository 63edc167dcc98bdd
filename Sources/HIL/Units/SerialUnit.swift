import Daemon
import Foundation
import SerialPort
import Synchronization
import UnitProtocol

/// A board on a serial port, virtual or real; a real one may be in the network as well, or in it alone.
actor SerialUnit: UnitDriver {
    nonisolated let name: String
    nonisolated let console = Heard<String>()
    nonisolated let colors = Heard<Color>()
    nonisolated let place: (address: IPv4Address, port: Int)?
    private let board: RigBoard
    private let bench: Bench
    private var line: SerialConsole?
    private var baud: Int
    /// Where the board is; of a virtual one another each time that it gets power.
    private var port: String?
    /// A virtual board's process.
    private var program: Program?
    private var readback: Program?
    /// How often a virtual board has started, by itself or not.
    private let starts = Heard<String>()

    private static let startLimit = Duration.seconds(30)
    /// Between a port that has come back and its use.
    private static let portLimit = Duration.seconds(15)
    /// What the loader is called at.
    private static let flashBaud = 115_200
    /// From the flash command's start to the first bytes of the image, on a real board.
    private static let loaderTime = Duration.seconds(3)

    init(_ board: RigBoard, unit: String, bench: Bench) throws {
        name = unit
        self.board = board
        self.bench = bench
        place = board.address.map { ($0, UnitPort.firmware) }
        port = board.serial?.port
        baud = board.serial?.baud ?? 115_200
    }

    func begin() async throws {
        if board.driver == .virtualBoard { try await launch([]) }
        try await open()
        if let place { try await reach(place) }
        guard case .command(let words)? = board.wiring.readback, let first = words.first else { return }
        let (name, bench, colors) = (name, bench, colors)
        readback = try Program(
            "\(name)'s readback", try Program.executable(first), Array(words.dropFirst()),
            output: { text in
                guard let color = HTMLColor.parse(Array(text.utf8)) else { return }
                colors.append(color, at: bench.now)
                bench.tell(.unit, name, "shows \(color)")
            }, errors: { bench.tell(.unit, name, $0) })
    }

    private func reach(_ place: (address: IPv4Address, port: Int)) async throws {
        do {
            let client = Mutex<RawClient?>(nil)
            try await TimeLimit.run(.seconds(5), "reach") {
                let made = try await RawClient.connect(to: place)
                client.withLock { $0 = made }
            }
            client.withLock(\.self)?.close(with: .end)
        } catch {
            throw HILError.infrastructure("\(name): nobody answers at \(place.address):\(place.port) (\(error))")
        }
    }

    // MARK: The console

    private func open() async throws {
        guard let port else { return }
        let (name, bench, console, colors) = (name, bench, console, colors)
        let readsColors = board.wiring.readback == .console
        let take: @Sendable (String) -> Void = { text in
            console.append(text, at: bench.now)
            bench.tell(.serial, name, text)
            if readsColors, let color = HTMLColor.parse(Array(text.utf8)) {
                colors.append(color, at: bench.now)
                bench.tell(.unit, name, "shows \(color)")
            }
        }
        line = try await SerialConsole.open(
            port, baud: baud, releasesReset: board.wiring.resetLines || program != nil, line: take
        ) {
            bench.tell(.serial, name, $0, .warning)
        }
    }

    private func closeConsole() async {
        await line?.end()
        line = nil
    }

    private func serial() throws -> SerialConsole {
        guard let line else { throw HILError.failed("\(name)'s console is closed: it has no power") }
        return line
    }

    func type(_ text: String) async throws {
        try await serial().perform { port throws(SerialError) in
            try port.write(Array((text + "\r\n").utf8), within: .seconds(5))
        }
        bench.tell(.serial, name, "> \(text)")
    }

    func set(baud: Int) async throws {
        try await serial().perform { port throws(SerialError) in
            try port.set(baud: baud)
            try port.discardInput()
        }
        self.baud = baud
    }

    func reset(cable: Cable?) async throws {
        bench.tell(.power, name, "reset")
        try await serial().perform { port throws(SerialError) in try port.set(dtr: false, rts: true) }
        try await Task.sleep(for: .milliseconds(100))
        try await serial().perform { port throws(SerialError) in try port.set(dtr: false, rts: false) }
    }

    // MARK: Power

    func start() async throws { try await power(.on, cable: nil) }

    func stop() async throws { try await power(.off, cable: nil) }

    func kill() async throws { try await power(.off, cable: nil) }

    func power(_ power: Step.Power, cable: Cable?) async throws {
        if power != .on {
            await closeConsole()
            try await switchPower(false)
            bench.tell(.power, name, "off")
        }
        if power == .cycle { try await Task.sleep(for: .seconds(1)) }
        if power != .off {
            bench.tell(.power, name, "on")
            try await switchPower(true)
            try await reopen()
        }
    }

    /// A port that has gone with the power comes back a while after it.
    private func reopen() async throws {
        let deadline = ContinuousClock.now + Self.portLimit
        while true {
            do {
                return try await open()
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func switchPower(_ isOn: Bool) async throws {
        if board.driver == .virtualBoard {
            if isOn {
                try await launch([])
            } else {
                await program?.kill()
                program = nil
            }
            return
        }
        switch board.power {
        case .byHand: try await bench.prompt.ask("switch the power of \(board.name) \(isOn ? "on" : "off")")
        case .commands(let on, let off): try await run(isOn ? on : off)
        case .uhubctl(let hub, let port):
            try await run(["uhubctl", "-l", hub, "-p", "\(port)", "-a", isOn ? "on" : "off"])
        case nil: throw lacks("switched off")
        }
    }

    private func run(_ words: [String]) async throws {
        let (bench, name) = (bench, name)
        let (end, _) = try await Program.run(
            words[0], try Program.executable(words[0]), Array(words.dropFirst())
        ) { bench.tell(.power, name, $0) }
        guard end == "exit code 0" else {
            throw HILError.infrastructure(
                "the power of \(board.name): \(words.joined(separator: " ")) ended with \(end)")
        }
    }

    // MARK: Virtual boards

    /// Starts `iot board` with what its flash has held before.
    private func launch(_ faults: [String]) async throws {
        let ready = Mutex<String?>(nil)
        let (bench, name) = (bench, name)
        let flash = bench.state.appending(path: "\(name).flash").path
        let program = try Program(
            name, bench.iot,
            ["board", "--rfc2217", "0", "--flash", flash, "--json", "--stop-with-parent"] + board.options + faults,
            output: { line in ready.withLock { if $0 == nil { $0 = line } } },
            errors: { [starts] line in
                if line.contains("board.started") { starts.append(line, at: bench.now) }
                bench.tell(.unit, name, line)
            })
        struct Ready: Decodable {
            struct Board: Decodable {
                var port: String
            }
            var boards: [Board]
        }
        do {
            let line = try await program.ready(name, within: Self.startLimit) { ready.withLock(\.self) }
            port = try JSONDecoder().decode(Ready.self, from: Data(line.utf8)).boards.first?.port
        } catch HILError.failed(let why) {
            throw HILError.infrastructure(why)
        }
        self.program = program
    }

    // MARK: The flash

    func flash(_ order: FlashOrder) async throws {
        guard FileManager.default.fileExists(atPath: order.image) else {
            throw HILError.infrastructure(
                "there is no image \(order.image); make hil-firmware builds the one of the suites that ship")
        }
        await closeConsole()
        let before = starts.end
        if let count = order.powerFailsAfter, board.driver == .virtualBoard {
            await program?.kill()
            try await launch(["--fault", "brown-out:\(count)"])
        }
        guard let port else { throw lacks("flashed") }
        let cutter = order.powerFailsAfter.flatMap { count -> Task<Void, any Error>? in
            guard board.driver != .virtualBoard else { return nil }
            let time = Self.loaderTime + .milliseconds(count * 10_000 / Self.flashBaud)
            return Task {
                try await Task.sleep(for: time)
                try await self.switchPower(false)
                try await Task.sleep(for: .seconds(1))
                try await self.switchPower(true)
            }
        }
        let address = order.address.map { ["0x" + String($0, radix: 16)] } ?? []
        let (bench, name) = (bench, name)
        let (end, _) = try await Program.run(
            "flash", bench.iot,
            ["flash", "write", "--port", port, "--baud", "\(Self.flashBaud)"] + address + [order.image]
        ) { bench.tell(.runner, "flash \(name)", $0) }
        try await cutter?.value
        try await reopen()
        let hasWritten = end == "exit code 0"
        if order.powerFailsAfter != nil, board.driver == .virtualBoard {
            // Once when it was launched, once when its power failed, and once when it was written and started.
            try await expectStarts(before + (hasWritten ? 3 : 2), order)
        }
        switch order.outcome {
        case .success where !hasWritten: throw HILError.failed("iot flash write ended with \(end)")
        case .failure where hasWritten: throw HILError.failed("iot flash write has succeeded, and should not")
        default: break
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

    func end() async {
        await closeConsole()
        await readback?.stop(within: .seconds(2))
        await program?.stop(within: .seconds(10))
        program = nil
    }
}
