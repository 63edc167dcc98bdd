import ESPLoader
import SerialPort
import Testing

@testable import Flash

/// What is said of a board that does not answer.
@Suite(.timeLimit(.minutes(5))) struct DiagnosisTests {
    /// The error's text for a board that prints `text` when RTS drops, and answers to nothing.
    private func error(
        printing text: String, hasModemLines: Bool = true, resets: [ResetSequence] = [.tight(release: .milliseconds(1))]
    ) -> String {
        let port = ScriptedPort(hasModemLines: hasModemLines) { deed in
            if case .lines(_, false?) = deed { return Array(text.utf8) }
            return []
        }
        let link = LoaderLink(port: port, baud: 115_200, cancellation: Cancellation(), trace: nil)
        do throws(FlashError) {
            _ = try link.connect(resets: resets, attempts: 1)
            return "connected"
        } catch {
            return "\(error)"
        }
    }

    private let begin = "/dev/scripted: no answer from the ROM loader after 1 attempt, and nothing at all was heard; "

    @Test("a board that runs from its flash: GPIO0 is not pulled low")
    func flash() {
        #expect(
            error(printing: "ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n").hasSuffix(
                "the board restarts, but from its flash (boot mode 3): GPIO0 is not pulled low by DTR; hold it (FLASH) low while "
                    + "pressing reset and pass --before no-reset"))
    }

    @Test("a board that is in its loader: the speed")
    func loader() {
        #expect(
            error(printing: "ets Jan  8 2013,rst cause:2, boot mode:(1,6)\r\n").hasSuffix(
                "the board starts its loader (boot mode 1), but does not answer at this speed: lower --baud"))
    }

    @Test("a board that prints nothing: cable, port, power")
    func silent() {
        #expect(
            error(printing: "")
                == begin
                + "the board does not print anything when it is restarted: check the cable (some only charge), the port and "
                + "the power, or hold GPIO0 (FLASH) low while pressing reset and pass --before no-reset")
    }

    @Test("a port without lines, and a board that shall not be restarted")
    func byHand() {
        #expect(
            error(printing: "", hasModemLines: false)
                == begin + "this port carries no DTR and RTS: hold GPIO0 (FLASH) low while pressing reset")
        #expect(
            error(printing: "", resets: [])
                == begin + "hold GPIO0 (FLASH) low while pressing reset, or leave --before to its default")
    }

    @Test("the speed of the port is as before when the board was asked")
    func speed() {
        let port = ScriptedPort(hasModemLines: true) { _ in [] }
        let link = LoaderLink(port: port, baud: 230_400, cancellation: Cancellation(), trace: nil)
        _ = try? link.connect(resets: [.tight(release: .milliseconds(1))], attempts: 1)
        let speeds = port.deeds.compactMap { deed -> Int? in
            if case .baud(let baud) = deed { return baud }
            return nil
        }
        #expect(speeds == [74_880, 230_400])
    }

    /// What is said of a board that prints `bytes` at this speed, and others at each other one, when it is restarted.
    private func error(printing bytes: [UInt8], at speed: Int, losesPort: Bool = false) -> FlashError? {
        var baud = 115_200
        let port = ScriptedPort(hasModemLines: true) { deed in
            if case .baud(let now) = deed { baud = now }
            guard case .lines(_, false?) = deed else { return [] }
            return baud == speed ? bytes : bytes.map { $0 ^ 0x91 }
        }
        port.isLostAtChangeOfSpeed = losesPort
        let link = LoaderLink(port: port, baud: 230_400, cancellation: Cancellation(), trace: nil)
        do throws(FlashError) {
            _ = try link.connect(resets: [.tight(release: .milliseconds(1))], attempts: 1)
            return nil
        } catch {
            let speeds = port.deeds.compactMap { deed -> Int? in
                if case .baud(let baud) = deed { return baud }
                return nil
            }
            #expect(losesPort || speeds.last == 230_400)
            return error
        }
    }

    @Test("a board with a crystal of 40 MHz is understood at 115200")
    func otherCrystal() {
        let text = Array("ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n".utf8)
        for speed in [74_880, 115_200] {
            guard case .noAnswer(_, _, _, .started(let start))? = error(printing: text, at: speed) else {
                Issue.record("not understood at \(speed)")
                continue
            }
            #expect(start == BootText(in: text))
        }
    }

    @Test("bytes that are no boot text are counted, and not called silence")
    func otherText() {
        let error = error(printing: Array("hello".utf8), at: 115_200)
        guard case .noAnswer(_, _, _, let diagnosis)? = error else {
            Issue.record("\(error.debugDescription)")
            return
        }
        #expect(diagnosis == .otherText(bytes: 15))
        #expect(
            diagnosis.advice(.nothing).hasPrefix(
                "when it is restarted, 15 bytes come that are not the ROM's boot text: "))
    }

    @Test("a port that is pulled out meanwhile is gone, not silent")
    func lost() {
        #expect(error(printing: [], at: 115_200, losesPort: true) == .port(SerialError("/dev/scripted", .lost)))
    }
}
