extension ROM {
    static let serial: [Entry] = [
        (
            0x4000_2ECC, "ets_delay_us",
            // The ROM multiplies in 32 bits, and watches CCOUNT.
            { $0.delay(Int($0.processor[2] &* $0.clock.cyclesPerMicrosecond)) }
        ),
        (
            0x4000_39D8, "uart_div_modify",
            { machine in
                let divider = machine.processor[3] & 0xF_FFFF
                if machine.processor[2] == 0 { machine.uart.divider = divider } else { machine.uart1.divider = divider }
                return .returns(nil)
            }
        ),
        (0x4000_383C, "uartAttach", { _ in .returns(nil) }),
        (0x4000_3A14, "Uart_Init", { _ in .returns(nil) }),
        (
            0x4000_38A4, "uart_buff_switch",
            { machine in
                machine.printing.port = machine.processor[2] == 0 ? 0 : 1
                return .returns(nil)
            }
        ),
        (
            0x4000_3B30, "uart_tx_one_char",
            { machine in
                let port = machine.printing.port
                guard machine.hasRoomToSend(1, port: port) else { return .waits(until: machine.whenSent(port: port)) }
                machine.send(UInt8(truncatingIfNeeded: machine.processor[2]), port: port)
                return .returns(0)
            }
        ),
        (
            0x4000_3B8C, "uart_rx_one_char",
            { machine in
                guard let byte = machine.takeInput() else { return .returns(1) }
                return machine.memory.write([byte], at: machine.processor[2])
                    ? .returns(0) : machine.refuse(writing: machine.processor[2], count: 1)
            }
        ),
        (
            0x4000_3B64, "uart_rx_one_char_block",
            { machine in
                guard let byte = machine.takeInput() else {
                    return .waits(until: machine.processor.cycles + Machine.frequency)
                }
                return .returns(UInt32(byte))
            }
        ),
    ]
}

extension Machine {
    /// A routine that does nothing for so long; interrupts come in between.
    fileprivate func delay(_ cycles: Int) -> ROM.Outcome {
        let stack = processor[1]
        // A program has one in each of its interrupts; what it left by a jump must not pile up.
        if delays.count > 32 { delays = [:] }
        guard let end = delays[stack] else {
            delays[stack] = processor.cycles + cycles
            return .waits(until: processor.cycles + cycles)
        }
        guard end <= processor.cycles else { return .waits(until: end) }
        delays[stack] = nil
        return .returns(nil)
    }

    fileprivate func takeInput() -> UInt8? {
        guard uart.hasInput else { return nil }
        effects += 1
        return UInt8(truncatingIfNeeded: uart.load(UART.Register.fifo))
    }

    func hasRoomToSend(_ count: Int, port: Int) -> Bool {
        (port == 0 ? uart : uart1).toSend.count + count <= UART.fifoBytes
    }

    /// In cycles.
    func whenSent(port: Int) -> Int {
        (port == 0 ? uart : uart1).sentAt.map(clock.cycle) ?? processor.cycles
    }

    func send(_ byte: UInt8, port: Int) {
        if port == 0 {
            uart.send(byte, at: ticks)
        } else {
            uart1.send(byte, at: ticks)
        }
    }
}
