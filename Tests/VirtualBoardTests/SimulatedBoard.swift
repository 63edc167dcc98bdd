@testable import VirtualBoard

/// A chip with a program in its flash, and a clock that goes as fast as the test wants.
struct SimulatedBoard {
    private(set) var chip: Chip
    private var now = Duration.zero
    private var wake: Duration?
    /// What came over the wire, by the speed at which it was sent.
    private(set) var said: [(text: String, baud: Int)] = []
    private(set) var halts: [Halt] = []
    let pins: PinLog

    final class PinLog: PinWatcher {
        struct Change: Equatable {
            var pin: Int
            var level: Bool
            var time: Duration
        }
        var changes: [Change] = []

        func changed(pin: Int, to level: Bool, at time: Duration) {
            changes.append(Change(pin: pin, level: level, time: time))
        }
    }

    /// - Parameter more: What else is in the flash, by its place.
    init(
        _ image: [UInt8], more: [Int: [UInt8]] = [:], timing: ChipTiming = .real, pins: [Int: Bool] = [:],
        analogue: Int = 0, startClock: StartClock = .full
    ) {
        var flash = SPIFlash(chip: .w25q32, contents: MemoryFlashContents(bytes: FlashChip.w25q32.bytes))
        _ = flash.program(0, image)
        for (place, bytes) in more { _ = flash.program(place, bytes) }
        flash.finish()
        let log = PinLog()
        self.pins = log
        chip = Chip(
            flash: flash, eFuses: EFuses(serial: (1, 2, 3)), timing: timing, execution: .cpu, entersLoaderOnSync: true,
            startClock: startClock, outside: Chip.Outside(pins: pins, analogue: analogue, watcher: log))
        perform(chip.cyclePower(at: now))
    }

    private mutating func perform(_ actions: [Chip.Action]) {
        wake = nil
        for action in actions {
            switch action {
            case .send(let bytes, let baud):
                let text = String(decoding: bytes, as: UTF8.self)
                if said.last?.baud == baud { said[said.count - 1].text += text } else { said.append((text, baud)) }
            case .wake(let time): wake = time
            case .halted(let halt): halts.append(halt)
            case .started, .lost, .stopped: break
            }
        }
    }

    /// Lets time pass.
    mutating func run(for time: Duration) {
        _ = run(for: time, within: .max)
    }

    /// Lets time pass for as long as the CPU cannot have been run for more cycles than that, instruction by instruction.
    ///
    /// - Returns: Whether all of the time has passed.
    mutating func run(for time: Duration, within cycles: Int) -> Bool {
        let end = now + time
        var left = cycles
        while let next = wake, next <= end {
            guard left >= Pace.slice else { return false }
            left -= Pace.slice
            now = max(next, now + .microseconds(1))
            perform(chip.tick(at: now))
        }
        now = end
        return true
    }

    /// Does what is due, at most so many times, and however little time passes meanwhile.
    mutating func run(ticks: Int) {
        for _ in 0..<ticks {
            guard let next = wake else { return }
            now = max(next, now + .microseconds(1))
            perform(chip.tick(at: now))
        }
    }

    /// EN goes low and high again.
    mutating func reset(gpio0: Bool = true) {
        chip.hold(at: now)
        perform(chip.release(gpio0: gpio0, at: now))
    }

    mutating func cyclePower() { perform(chip.cyclePower(at: now)) }

    mutating func apply(analogue: Int) { perform(chip.apply(analogue: analogue, at: now)) }

    mutating func receive(_ bytes: [UInt8], baud: Int) {
        perform(chip.receive(bytes, baud: baud, at: now))
    }

    mutating func drive(pin: Int, _ level: Bool?) {
        perform(chip.drive(pin: pin, level, at: now))
    }

    func trace(_ trace: CallTrace) { chip.trace(into: trace) }

    /// Power goes and comes again.
    mutating func restart() { perform(chip.cyclePower(at: now)) }

    mutating func takeUART1() -> String { String(decoding: chip.takeUART1(), as: UTF8.self) }

    /// All text, whatever its speed.
    var text: String { said.map(\.text).joined() }

    /// What a program has said after the ROM's last line.
    var program: String {
        text.split(separator: "csum 0x", omittingEmptySubsequences: false).last.map { String($0.dropFirst(3)) } ?? ""
    }
}
