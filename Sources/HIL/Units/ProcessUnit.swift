import Foundation
import Synchronization
import UnitProtocol

/// A unit that is a process of this machine: simulated, reference firmware built for Linux, or a program of the rig's.
///
/// Its power is its process: without it the cable knows that nobody is told of an end.
actor ProcessUnit: UnitDriver {
    nonisolated let name: String
    nonisolated let console = Heard<String>()
    nonisolated let colors = Heard<Color>()
    private let address: IPv4Address
    private let call: UnitProgram
    private let bench: Bench
    private var program: Program?

    private static let startLimit = Duration.seconds(20)
    private static let stopLimit = Duration.seconds(5)

    init(_ board: RigBoard, unit: String, bench: Bench) throws {
        name = unit
        address = try bench.addresses.take()
        call = UnitProgram(board, unit: unit, address: address, iot: bench.iot)
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
        let program = try Program(
            name, executable, call.arguments, output: { take($0, false) }, errors: { take($0, true) })
        do {
            _ = try await program.ready(name, within: Self.startLimit) { listens.withLock(\.self) ? true : nil }
        } catch HILError.failed(let why) {
            throw HILError.infrastructure(why)
        }
        self.program = program
    }

    func stop() async throws {
        await program?.stop(within: Self.stopLimit)
        program = nil
    }

    func kill() async throws {
        await program?.kill()
        program = nil
    }

    func power(_ power: Step.Power, cable: Cable?) async throws {
        if power != .on {
            await cable?.farEnd(hasPower: false)
            try await kill()
            // What has no power shows nothing.
            colors.append(.black, at: bench.now)
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
            try program.child.send(line: text)
        } catch {
            throw HILError.failed("\(name) takes nothing on its console: \(error)")
        }
        bench.tell(.serial, name, "> \(text)")
    }

    func end() async {
        await program?.stop(within: Self.stopLimit)
        program = nil
    }
}
