/// Text that the ROM is printing: a call of `ets_printf` and its like, one within the other where an interrupt prints, too.
struct Printing {
    struct Job {
        var bytes: [UInt8]
        var next = 0
        /// Where the caller goes on.
        var caller: UInt32
    }

    var jobs: [Job] = []
    /// What a program has given to the ROM to print a character with; 0 for the serial port.
    var putCharacter: UInt32 = 0
    /// The number of the port that the ROM prints to.
    var port = 0
    static let mostJobs = 32
    /// Of one call, so that a format of many texts ends at some time.
    static let mostBytes = 0x10000
}

extension ROM {
    static let text: [Entry] = [
        (0x4000_24CC, "ets_printf", { $0.printFormatted() }),
        (0x4000_2544, "ets_uart_printf", { $0.printFormatted() }),
        (0x4000_2BE8, "ets_putc", { $0.print([UInt8(truncatingIfNeeded: $0.processor[2])]) }),
        (0x4000_1DCC, "_putc1", { $0.print([UInt8(truncatingIfNeeded: $0.processor[2])]) }),
        (
            0x4000_242C, "ets_install_putc1",
            { machine in
                machine.printing.putCharacter = machine.processor[2]
                return .returns(nil)
            }
        ),
        (
            0x4000_2438, "ets_install_uart_printf",
            { machine in
                machine.printing.putCharacter = 0
                return .returns(nil)
            }
        ),
        (nextCharacter, "the next character", { $0.printNext() }),
    ]
}

extension Machine {
    fileprivate func print(_ bytes: [UInt8]) -> ROM.Outcome {
        guard printing.jobs.count < Printing.mostJobs else { return .returns(0) }
        printing.jobs.append(Printing.Job(bytes: bytes, caller: processor[0]))
        processor.pc = ROM.nextCharacter
        return .jumps
    }

    fileprivate func printNext() -> ROM.Outcome {
        guard let last = printing.jobs.indices.last else {
            stop(.missingRoutine(address: ROM.nextCharacter, caller: processor[0]))
            return .jumps
        }
        while printing.jobs[last].next < printing.jobs[last].bytes.count {
            let byte = printing.jobs[last].bytes[printing.jobs[last].next]
            guard printing.putCharacter == 0 else {
                printing.jobs[last].next += 1
                (processor[2], processor[0]) = (UInt32(byte), ROM.nextCharacter)
                processor.pc = printing.putCharacter
                return .jumps
            }
            // The ROM ends lines as terminals want them.
            let bytes = byte == 0x0A ? [0x0D, 0x0A] : [byte]
            guard hasRoomToSend(bytes.count, port: printing.port) else {
                return .waits(until: whenSent(port: printing.port))
            }
            for byte in bytes { send(byte, port: printing.port) }
            printing.jobs[last].next += 1
        }
        let job = printing.jobs.removeLast()
        processor[2] = UInt32(job.bytes.count)
        processor.pc = job.caller
        return .jumps
    }

    /// A text has no end in memory.
    private struct Endless: Error {
        var start: UInt32
    }

    fileprivate func printFormatted() -> ROM.Outcome {
        do {
            return print(try formatted())
        } catch {
            return refuse(reading: [error.start], count: .max)
        }
    }

    private func string(at start: UInt32) throws(Endless) -> [UInt8] {
        guard let text = memory.string(at: start) else { throw Endless(start: start) }
        processor.spend(cycles: text.count)
        return text
    }

    /// What `ets_printf` makes of its arguments: the conversions %c %s %d %i %u %x %X %p %%, with width and zeros.
    private func formatted() throws(Endless) -> [UInt8] {
        let format = try string(at: processor[2])
        var arguments = 0
        func next() -> UInt32 {
            arguments += 1
            // Five in registers, the others on the caller's stack.
            guard arguments > 5 else { return processor[2 + arguments] }
            return memory.word(processor[1] &+ UInt32(4 * (arguments - 6))) ?? 0
        }
        var text: [UInt8] = []
        var place = 0
        while place < format.count, text.count < Printing.mostBytes {
            guard format[place] == UInt8(ascii: "%") else {
                text.append(format[place])
                place += 1
                continue
            }
            place += 1
            var (width, pad, isLeft) = (0, UInt8(ascii: " "), false)
            while place < format.count, "-0123456789.l".utf8.contains(format[place]) {
                switch format[place] {
                case UInt8(ascii: "-"): isLeft = true
                case UInt8(ascii: "0") where width == 0: pad = UInt8(ascii: "0")
                case UInt8(ascii: "0")...UInt8(ascii: "9"): width = min(80, width * 10 + Int(format[place] - 0x30))
                default: break
                }
                place += 1
            }
            guard place < format.count else { break }
            var piece: [UInt8]
            switch format[place] {
            case UInt8(ascii: "c"): piece = [UInt8(truncatingIfNeeded: next())]
            case UInt8(ascii: "s"): piece = try string(at: next())
            case UInt8(ascii: "d"), UInt8(ascii: "i"): piece = Array("\(Int32(bitPattern: next()))".utf8)
            case UInt8(ascii: "u"): piece = Array("\(next())".utf8)
            case UInt8(ascii: "x"), UInt8(ascii: "p"): piece = Array(String(next(), radix: 16).utf8)
            case UInt8(ascii: "X"): piece = Array(String(next(), radix: 16, uppercase: true).utf8)
            default: piece = [format[place]]
            }
            place += 1
            let padding = [UInt8](repeating: isLeft ? UInt8(ascii: " ") : pad, count: max(0, width - piece.count))
            text += isLeft ? piece + padding : padding + piece
        }
        return text
    }
}
