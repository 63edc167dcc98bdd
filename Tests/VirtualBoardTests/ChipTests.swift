import ESPLoader
import Testing

@testable import VirtualBoard

@Suite struct ChipTests {
    private func chip(timing: ChipTiming = .fast, entersLoaderOnSync: Bool = false) -> Chip {
        Chip(
            flash: SPIFlash(chip: .w25q32, contents: MemoryFlashContents(bytes: FlashChip.w25q32.bytes)),
            eFuses: EFuses(serial: (1, 2, 3)), timing: timing, execution: .standIn,
            entersLoaderOnSync: entersLoaderOnSync)
    }

    private let sync = SLIP.encode(LoaderCommand.sync.request.content)
    private let eightAnswers = (0..<8).flatMap { _ in
        [0xC0, 1, 8, 2, 0, 7, 7, 0x12, 0x20, 0, 0, 0xC0] as [UInt8]
    }

    @Test("SL-012: the strap decides at the end of the reset: low is the loader, high the flash")
    func straps() {
        var chip = chip()
        let text = "\r\n ets Jan  8 2013,rst cause:2, boot mode:(1,6)\r\n\r\n"
        #expect(chip.release(gpio0: false, at: .zero) == [.send(Array(text.utf8), baud: 74_880)])
        #expect(chip.mode == .romLoader)
        #expect(chip.receive(sync, baud: 115_200, at: .zero) == [.send(eightAnswers, baud: 115_200)])
        let run = text.replacing("(1,6)", with: "(3,6)")
        #expect(
            chip.release(gpio0: true, at: .zero) == [.started(hasImage: false), .send(Array(run.utf8), baud: 74_880)])
        #expect(chip.receive(sync, baud: 115_200, at: .zero) == [])
    }

    @Test("where the line has no DTR and RTS, a SYNC brings a running chip into its loader")
    func syncEnters() {
        var chip = chip(entersLoaderOnSync: true)
        _ = chip.release(gpio0: true, at: .zero)
        let actions = chip.receive(sync, baud: 115_200, at: .zero)
        #expect(actions.last == .send(eightAnswers, baud: 115_200))
        #expect(chip.mode == .romLoader)
    }

    @Test("with real timing bytes take their time in both directions")
    func wire() {
        var chip = chip(timing: .real)
        _ = chip.release(gpio0: false, at: .zero)
        _ = chip.tick(at: .seconds(1))
        let heard = Duration.seconds(1) + .nanoseconds(Int64(sync.count) * 10_000_000_000 / 115_200)
        #expect(chip.receive(sync, baud: 115_200, at: .seconds(1)) == [.wake(at: heard)])
        let said = heard + .nanoseconds(96 * 10_000_000_000 / 115_200)
        #expect(chip.tick(at: heard) == [.wake(at: said)])
        #expect(chip.tick(at: said) == [.send(eightAnswers, baud: 115_200)])
    }

    @Test("SL-012: FLASH_END with 0 restarts by software; with 1 what is in the flash runs without a restart")
    func flashEnd() {
        for (reboot, text) in [(true, "\r\n ets Jan  8 2013,rst cause:3, boot mode:(3,6)\r\n\r\n"), (false, nil)] {
            var chip = chip()
            _ = chip.release(gpio0: false, at: .zero)
            _ = chip.receive(sync, baud: 115_200, at: .zero)
            let end = SLIP.encode(LoaderCommand.flashEnd(reboot: reboot).request.content)
            let actions = chip.receive(end, baud: 115_200, at: .zero)
            #expect(actions.contains(.started(hasImage: false)))
            #expect(actions.contains { if case .send(_, 115_200) = $0 { true } else { false } })
            let printed = actions.compactMap { if case .send(let bytes, 74_880) = $0 { bytes } else { nil } }
            #expect(printed == (text.map { [Array($0.utf8)] } ?? []))
            #expect(chip.mode == .running)
        }
    }

    @Test("random bytes never crash it, and a reset brings the loader back", arguments: 0..<20 as Range<UInt64>)
    func noise(seed: UInt64) {
        var chip = chip(entersLoaderOnSync: true)
        _ = chip.release(gpio0: false, at: .zero)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for step in 0..<300 {
            let opcode = Opcode.allCases[Int(state % UInt64(Opcode.allCases.count))]
            let payload = (0..<Int(state >> 40 % 40)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let frame = SLIP.encode(LoaderRequest(opcode, checksum: UInt32(state & 0xFF), payload: payload).content)
            _ = chip.receive(frame, baud: 115_200, at: .milliseconds(step))
        }
        _ = chip.release(gpio0: false, at: .seconds(10))
        #expect(chip.receive(sync, baud: 115_200, at: .seconds(10)).last == .send(eightAnswers, baud: 115_200))
    }
}
