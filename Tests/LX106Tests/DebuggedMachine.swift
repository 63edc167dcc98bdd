@testable import LX106

/// A machine that a debugger has halted, and what its owner does: obey the session.
final class DebuggedMachine {
    let machine: Machine
    let cpu: Processor
    var session = DebugSession()
    /// Everything that is not to be run or sent.
    private(set) var actions: [DebugSession.Action] = []
    /// A run without an end is halted after so many cycles (ctrl-C).
    static let mostCycles = 10_000

    init(_ machine: Machine, _ cpu: Processor) { (self.machine, self.cpu) = (machine, cpu) }

    convenience init(_ program: [UInt32] = []) {
        let (machine, cpu) = Machine.running(program)
        self.init(machine, cpu)
    }

    deinit { machine.free() }

    /// Sends a packet.
    ///
    /// - Returns: The answer's content, and that of what stopped the run; nil when there is none.
    func ask(_ content: String) -> String? { ask(RemotePacket(content)) }

    func ask(_ packet: RemotePacket) -> String? {
        var decoder = RemotePacketDecoder()
        let answers = decoder.decode(send(packet.wire)).compactMap { event -> String? in
            guard case .packet(let packet) = event else { return nil }
            return String(decoding: packet.content, as: UTF8.self)
        }
        return answers.isEmpty ? nil : answers.joined(separator: "|")
    }

    /// - Returns: All that is sent for it.
    func send(_ bytes: [UInt8]) -> [UInt8] {
        var sent: [UInt8] = []
        var pending = session.receive(bytes, cpu)
        while !pending.isEmpty {
            switch pending.removeFirst() {
            case .send(let bytes): sent += bytes
            case .step: pending += session.ended(cpu.step(), cpu)
            case .run:
                let stop = cpu.run(for: Self.mostCycles)
                pending += stop == .budget ? session.receive([0x03], cpu) : session.ended(stop, cpu)
            case .halt: pending += session.ended(.paused, cpu)
            case let action: actions.append(action)
            }
        }
        return sent
    }
}
