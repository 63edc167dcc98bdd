import ESPLoader
import Testing

@testable import VirtualBoard

@Suite struct ResetWiringTests {
    /// What a sequence does to the chip.
    private func effects(_ sequence: ResetSequence) -> [ResetWiring.Effect] {
        var wiring = ResetWiring()
        return sequence.steps.compactMap { step in
            switch step {
            case .lines(let dtr, let rts): wiring.set(dtr: dtr, rts: rts)
            case .dtr(let isOn): wiring.set(dtr: isOn)
            case .rts(let isOn): wiring.set(rts: isOn)
            case .pause: nil
            }
        }
    }

    @Test("SL-005: every sequence into the loader lets the chip go with GPIO0 low, the hard reset with it high")
    func sequences() {
        for sequence in ResetSequence.intoLoader {
            #expect(effects(sequence) == [.hold, .release(gpio0: false)], "\(sequence.name)")
        }
        #expect(effects(.hard) == [.hold, .release(gpio0: true)])
    }

    @Test("SL-005: both lines together do nothing, whichever way they go")
    func together() {
        var wiring = ResetWiring()
        #expect(wiring.set(dtr: true, rts: true) == nil)
        #expect(wiring.set(dtr: false, rts: false) == nil)
        #expect(wiring.set(dtr: true) == nil)
        #expect(wiring.set(rts: true) == nil)
        #expect(wiring.set(dtr: false) == .hold)
        // One after the other, through (1,1): EN stays low until RTS drops.
        #expect(wiring.set(dtr: true) == nil)
        #expect(wiring.set(rts: false) == .release(gpio0: false))
    }
}
