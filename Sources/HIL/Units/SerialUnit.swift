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
    private(set) var isOff = false
    /// Whether a step of this case has taken its power, so that it may be away for a while.
    private var wasCut = false

    private static let reachLimit = Duration.seconds(5)
    /// For a look at a board while a step's end waits for it.
    private static let absenceLimit = Duration.seconds(2)
    /// The firmware looks once a second for a client's end; others do not say what they do.
    private static let serviceLimit = Duration.seconds(2)
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
        if let place {
            try await serial.begin(isHeard: false)
            let client = try await reach(place, within: Self.reachLimit)
            // What the runner's own look makes it print comes to its end before a step listens.
            if let next = try await serial.overhear("Client Connected", from: 0, within: Self.serviceLimit) {
                client.close(with: .end)
                _ = try await serial.overhear("Client disconnected", from: next, within: Self.serviceLimit)
            }
            client.close(with: .end)
            await serial.hear()
        } else {
            try await serial.begin()
        }
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

    /// That a unit which serves another client meanwhile takes the connection is enough: it does so in the background.
    private func reach(_ place: (address: IPv4Address, port: Int), within limit: Duration) async throws -> RawClient {
        do {
            let client = Mutex<RawClient?>(nil)
            try await TimeLimit.run(limit, "reach") {
                let made = try await RawClient.connect(to: place)
                client.withLock { $0 = made }
            }
            guard let made = client.withLock(\.self) else { throw CancellationError() }
            return made
        } catch {
            throw HILError.infrastructure("\(name): nobody answers at \(place.address):\(place.port) (\(error))")
        }
    }

    func type(_ text: String) async throws { try await serial.type(text) }

    func set(baud: Int) async throws { try await serial.set(baud: baud) }

    func reset(cable: Cable?) async throws { try await serial.reset() }

    // MARK: Power

    func start() async throws {
        guard isOff else { throw HILError.failed("\(name) runs already") }
        try await power(.on, cable: nil)
    }

    func stop() async throws {
        guard !isOff else { throw HILError.failed("\(name) does not run") }
        try await power(.off, cable: nil)
    }

    func kill() async throws { try await stop() }

    func power(_ power: Step.Power, cable: Cable?) async throws {
        if power != .on {
            // What has become of it before is not to be taken for the step's doing.
            if let trouble = await trouble() { throw trouble }
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
        wasCut = true
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
        let word = isOn ? "on" : "off"
        switch board.power {
        case .byHand:
            let what = "switch the power of \(board.name) \(word)"
            do {
                try await bench.prompt.ask(what)
            } catch is CancellationError {
                throw HILError.infrastructure("somebody was asked to \(what), and has not answered in time")
            }
        case .commands(let on, let off): try await run(isOn ? on : off)
        case .uhubctl(let hub, let port): try await run(["uhubctl", "-l", hub, "-p", "\(port)", "-a", word])
        case nil: throw lacks("switched off")
        }
    }

    private func run(_ words: [String]) async throws {
        let (bench, name) = (bench, name)
        let executable = try Program.executable(words[0])
        let end: ProgramEnd
        do {
            end = try await Program.run(words[0], executable, Array(words.dropFirst())) { bench.tell(.power, name, $0) }
                .end
        } catch is CancellationError {
            throw HILError.infrastructure(
                "the power of \(board.name): \(words.joined(separator: " ")) has not ended in time")
        }
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

    /// A board of which nothing else tells that it is gone.
    func absence() async -> HILError? {
        guard let place, board.serial == nil, !wasCut else { return nil }
        // The time of the step's own task may be over.
        return await Task.detached { [self] in
            do {
                try await reach(place, within: Self.absenceLimit).close(with: .end)
                return nil
            } catch {
                return error as? HILError
            }
        }.value
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
