import Foundation
import Synchronization
import UnitProtocol

/// A real board: on a serial port, in the network, or both.
actor SerialUnit: UnitDriver {
    nonisolated let name: String
    nonisolated let place: (address: IPv4Address, port: Int)?
    private let board: RigBoard
    private let bench: Bench
    private let serial: BoardConsole
    private var readback: Program?
    /// Whether a step, or a failure of the power, has left it without.
    private var isOff = false

    /// For a switch, or a person.
    private static let switchLimit = Duration.seconds(60)

    init(_ board: RigBoard, unit: String, bench: Bench) {
        name = unit
        self.board = board
        self.bench = bench
        place = board.address.map { ($0, UnitPort.firmware) }
        serial = BoardConsole(board, unit: unit, bench: bench, releasesReset: board.wiring.resetLines)
    }

    nonisolated var console: Heard<String> { serial.lines }
    nonisolated var colors: Heard<Color?> { serial.colors }

    func begin() async throws {
        try await serial.begin()
        if let place { try await reach(place) }
        guard case .command(let words)? = board.wiring.readback, let first = words.first else { return }
        let (name, bench, colors) = (name, bench, colors)
        readback = try Program(
            "\(name)'s readback", try Program.executable(first), Array(words.dropFirst()),
            output: { text in
                guard let color = HTMLColor.parse(Array(text.utf8)) else { return }
                colors.append(color, at: bench.now)
                bench.tell(.unit, name, "shows \(color)")
            }, errors: { bench.tell(.unit, name, $0) },
            lost: { count in
                colors.lose(count)
                bench.tell(.unit, name, "\(count) lines of its readback were lost here", .warning)
            })
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

    func type(_ text: String) async throws { try await serial.type(text) }

    func set(baud: Int) async throws { try await serial.set(baud: baud) }

    func reset(cable: Cable?) async throws { try await serial.reset() }

    // MARK: Power

    func start() async throws { try await power(.on, cable: nil) }

    func stop() async throws { try await power(.off, cable: nil) }

    func kill() async throws { try await power(.off, cable: nil) }

    func power(_ power: Step.Power, cable: Cable?) async throws {
        if power != .on {
            await serial.end()
            try await switchOff()
        }
        if power == .cycle { try await Task.sleep(for: .seconds(1)) }
        if power != .off {
            try await switchOn()
            await serial.endIfOpen()
            try await serial.beginAgain()
        }
    }

    private func switchOff() async throws {
        // Where a program fails nobody knows; a person who has not answered has not done it.
        isOff = board.power != .byHand
        try await switchPower(false)
        isOff = true
        bench.tell(.power, name, "off")
    }

    private func switchOn() async throws {
        bench.tell(.power, name, "on")
        try await switchPower(true)
        isOff = false
    }

    private func switchPower(_ isOn: Bool) async throws {
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
        guard end.status == "exit code 0" else {
            throw HILError.infrastructure(
                "the power of \(board.name): \(words.joined(separator: " ")) ended with \(end)")
        }
    }

    // MARK: The flash

    func flash(_ order: FlashOrder) async throws {
        let call = FlashCall(order: order, unit: name, bench: bench)
        try call.check()
        await serial.end()
        guard let port = await serial.port else { throw lacks("flashed") }
        let end: ProgramEnd
        if let count = order.powerFailsAfter {
            let written = Heard<Int>(most: 2)
            end = try await BrownOut().during {
                try await call.run(on: port) { written.append($0, at: .zero) }
            } moment: {
                try await awaited { written.last.map(\.element) ?? 0 >= count ? () : nil }
            } off: {
                try await self.switchOff()
            } on: {
                try await TimeLimit.run(Self.switchLimit, "switch") { try await self.switchOn() }
            }
        } else {
            end = try await call.run(on: port)
        }
        try await serial.beginAgain()
        if let wrong = call.wrong(end, powerHasFailed: order.powerFailsAfter != nil) { throw wrong }
    }

    // MARK: The end

    func trouble() async -> HILError? {
        if let end = await readback?.ownEnd() {
            return .infrastructure("\(name)'s readback has ended (\(end)): nothing is known of what it shows")
        }
        return await serial.trouble().map { .infrastructure("\(name): \($0)") }
    }

    func end() async -> [HILError] {
        var troubles = [await trouble()].compactMap(\.self)
        await serial.end()
        await readback?.stopAll(within: .seconds(2))
        guard isOff else { return troubles }
        bench.tell(.power, name, "a step has left it without power")
        do {
            try await TimeLimit.run(Self.switchLimit, "switch") { try await self.switchOn() }
        } catch  where !isOff {
            // Later than it should, and yet it is on.
        } catch {
            let why = "\(name) is left without power: \(error)"
            bench.tell(.power, name, why, .warning)
            // Where a person is the switch, and none is there, nothing is broken.
            if board.power != .byHand { troubles.append(.infrastructure(why)) }
        }
        return troubles
    }
}
