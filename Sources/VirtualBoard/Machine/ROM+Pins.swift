extension ROM {
    private static let gpio: UInt32 = 0x6000_0300

    static let pins: [Entry] = [
        (0x4000_4C50, "gpio_init", { _ in .returns(nil) }),
        (
            0x4000_4CD0, "gpio_output_set",
            { machine in
                // To set, to clear, to make outputs, to make inputs.
                for (register, offset) in [(2, 0x04), (3, 0x08), (4, 0x10), (5, 0x14)] as [(Int, UInt32)] {
                    machine.store(machine.processor[register], at: gpio + offset)
                }
                return .returns(nil)
            }
        ),
        (0x4000_4CF0, "gpio_input_get", { .returns($0.load(gpio + 0x18)) }),
        (
            0x4000_4D04, "gpio_register_set",
            { machine in
                machine.store(machine.processor[3], at: gpio + (machine.processor[2] & 0xFC))
                return .returns(nil)
            }
        ),
        (0x4000_4D5C, "gpio_register_get", { .returns($0.load(gpio + ($0.processor[2] & 0xFC))) }),
        (0x4000_4D88, "gpio_intr_pending", { .returns($0.load(gpio + 0x1C)) }),
        (
            0x4000_4DCC, "gpio_intr_ack",
            { machine in
                machine.store(machine.processor[2], at: gpio + 0x24)
                return .returns(nil)
            }
        ),
        (
            0x4000_4D90, "gpio_pin_intr_state_set",
            { machine in
                guard machine.processor[2] < 16 else { return .returns(nil) }
                let place = gpio + 0x28 + 4 * machine.processor[2]
                machine.store(machine.load(place) & ~(7 << 7) | (machine.processor[3] & 7) << 7, at: place)
                return .returns(nil)
            }
        ),
    ]
}
