import Foundation
import Synchronization
import UnitProtocol

/// A unit that is a process of this machine: simulated, reference firmware built for Linux, or a program of the rig's.
///
/// Its power is its process: without it the cable knows that nobody is told of an end.
actor ProcessUnit: UnitDriver {
    nonisolated let name: String
    nonisolated let console = Heard<String>()
    nonisolated let colors = Heard<Color?>()
    private let address: IPv4Address
    private let call: UnitProgram
    /// What is simulated ends in order; what is a firmware, or the rig's, need not know of signals.
    private let mayDieOfIt: Bool
    private let isLamp: Bool
    private let bench: Bench
    private var program: Program?
    /// Whether it has listened in this case: then it is to do so again.
    private var hasRun = false
    private(set) var isOff = false

    private static let startLimit = Duration.seconds(20)
    private static let stopLimit = Duration.seconds(10)
    private static let writeLimit = Duration.seconds(5)

    init(_ board: RigBoard, unit: String, bench: Bench) throws {
        name = unit
        address = try bench.addresses.take()
        call = UnitProgram(board, unit: unit, address: address, iot: bench.iot)
        mayDieOfIt = board.driver != .simulated
        isLamp = board.kind == .lamp
        self.bench = bench
    }

    nonisolated var place: (address: IPv4Address, port: Int)? { (address, UnitPort.firmware) }

    func begin() async throws { try await launch() }

    func start() async throws {
        guard program == nil else { throw HILError.failed("\(name) runs already") }
        try await launch()
    }

    private func launch() async throws {
        let executable = try Program.executable(call.executable)
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            let hint = call.hint.map { "; \($0)" } ?? ""
            throw HILError.infrastructure("\(name): there is no program \(executable.path)\(hint)")
        }
        let listens = Mutex(false)
        let (bench, name, call, console, colors) = (bench, name, call, console, colors)
        let take: @Sendable (String, Bool) -> Void = { line, isError in
            switch call.read(line, isError: isError) {
            case .console(let text):
                console.append(text, at: bench.now)
                bench.tell(.serial, name, text)
                if text.contains("on port \(UnitPort.firmware)") { listens.withLock { $0 = true } }
            case .shows(let color):
                colors.append(color, at: bench.now)
                bench.tell(.unit, name, "shows \(color)")
            case .listens: listens.withLock { $0 = true }
            case .other: if isError { bench.tell(.unit, name, line) }
            }
        }
        console.beginAnew()
        // A lamp that is a program is dark until it is told something, and says only what it shows after that.
        if isLamp { colors.append(.black, at: bench.now) }
        let program = try Program(
            name, executable, call.arguments, output: { take($0, false) }, errors: { take($0, true) },
            lost: { count in
                colors.lose(count)
                bench.lose(count, of: console, .serial, name)
            })
        _ = try await program.ready(name, within: Self.startLimit, hasRun: hasRun) {
            listens.withLock(\.self) ? true : nil
        }
        (self.program, hasRun, isOff) = (program, true, false)
    }

    /// What was said and shown is over.
    private func isGone() {
        (program, isOff) = (nil, true)
        console.beginAnew()
        if isLamp { colors.append(nil, at: bench.now) }
    }

    func stop() async throws {
        guard program != nil else { throw HILError.failed("\(name) does not run") }
        let wrong = await ending()
        isGone()
        if let wrong { throw HILError.failed(wrong) }
    }

    /// - Returns: What is wrong with it.
    private func ending() async -> String? {
        await program?.stop(within: Self.stopLimit).wrong(name, within: Self.stopLimit, mayDieOfIt: mayDieOfIt)
    }

    func kill() async throws {
        guard program != nil else { throw HILError.failed("\(name) does not run") }
        try await cut()
    }

    /// - Throws: ``HILError/failed(_:)`` where it had ended by itself.
    private func cut() async throws {
        let end = await program?.kill()
        isGone()
        if let end { throw HILError.failed("\(name) ended by itself (\(end))") }
    }

    func trouble() async -> HILError? {
        await program?.ownEnd().map { .failed("\(name) ended by itself (\($0))") }
    }

    func power(_ power: Step.Power, cable: Cable?) async throws {
        if power != .on {
            await cable?.farEnd(hasPower: false)
            try await cut()
            bench.tell(.power, name, "off")
        }
        if power != .off {
            bench.tell(.power, name, "on")
            if program == nil { try await launch() }
            await cable?.farEnd(hasPower: true)
        }
    }

    func reset(cable: Cable?) async throws { try await power(.cycle, cable: cable) }

    func type(_ text: String) async throws {
        guard let program else { throw HILError.failed("\(name) does not run") }
        do {
            try await program.child.send(line: text, within: Self.writeLimit)
        } catch let error as POSIXError {
            throw HILError.failed("\(name) takes nothing on its console: \(error.localizedDescription)")
        }
        bench.tell(.serial, name, "> \(text)")
    }

    func end() async -> [HILError] {
        let wrong = await ending()
        program = nil
        return wrong.map { [.failed($0)] } ?? []
    }
}
