extension ROM {
    static let serial: [Entry] = [
        (
            0x4000_2ECC, "ets_delay_us",
            { machine in
                machine.processor.spend(cycles: Int(machine.processor[2]) * (Machine.frequency / 1_000_000))
                return .returns(nil)
            }
        ),
        (
            0x4000_264C, "software_reset",
            { machine in
                machine.stop(.restart)
                return .jumps
            }
        ),
        (
            0x4000_39D8, "uart_div_modify",
            { machine in
                guard machine.processor[2] == 0 else { return .returns(nil) }
                machine.uart.divider = machine.processor[3] & 0xF_FFFF
                return .returns(nil)
            }
        ),
        (
            0x4000_3B30, "uart_tx_one_char",
            { machine in
                guard machine.uart.canSend else {
                    return .waits(until: machine.uart.sentAt ?? machine.processor.cycles)
                }
                machine.uart.send(UInt8(truncatingIfNeeded: machine.processor[2]), at: machine.processor.cycles)
                return .returns(0)
            }
        ),
    ]
}
