extension ROM {
    static let arithmetic: [Entry] = [
        (0x4000_E21C, "__udivsi3", { .returns(divide($0).quotient) }),
        (0x4000_E268, "__umodsi3", { .returns(divide($0).remainder) }),
        (
            0x4000_DC88, "__divsi3",
            { machine in
                machine.processor.spend(cycles: divisionCycles)
                let (dividend, divisor) = (Int64(machine.signed(2)), Int64(machine.signed(3)))
                return .returns(divisor == 0 ? 0 : UInt32(truncatingIfNeeded: dividend / divisor))
            }
        ),
        (0x4000_DCF0, "__umulsidi3", { $0.returnsWide(UInt64($0.processor[2]) * UInt64($0.processor[3])) }),
        (0x4000_0650, "__muldi3", { $0.returnsWide($0.wide(2) &* $0.wide(4)) }),
        (0x4000_D310, "__udivdi3", { $0.returnsWide($0.wide(4) == 0 ? 0 : $0.wide(2) / $0.wide(4)) }),
        (0x4000_D770, "__umoddi3", { $0.returnsWide($0.wide(4) == 0 ? 0 : $0.wide(2) % $0.wide(4)) }),
        (
            0x4000_CE60, "__divdi3",
            { machine in
                let (dividend, divisor) = (Int64(bitPattern: machine.wide(2)), Int64(bitPattern: machine.wide(4)))
                let quotient = divisor == 0 ? 0 : dividend.dividedReportingOverflow(by: divisor).partialValue
                return machine.returnsWide(UInt64(bitPattern: quotient))
            }
        ),
    ]

    /// Of a division bit by bit.
    private static let divisionCycles = 35

    /// What the ROM gives for a division by zero is 0.
    private static func divide(_ machine: Machine) -> (quotient: UInt32, remainder: UInt32) {
        machine.processor.spend(cycles: divisionCycles)
        guard machine.processor[3] != 0 else { return (0, 0) }
        return machine.processor[2].quotientAndRemainder(dividingBy: machine.processor[3])
    }
}

extension Machine {
    func signed(_ register: Int) -> Int32 { Int32(bitPattern: processor[register]) }

    /// 64 bits in two registers, the lower half first.
    func wide(_ register: Int) -> UInt64 { UInt64(processor[register + 1]) << 32 | UInt64(processor[register]) }

    func returnsWide(_ value: UInt64) -> ROM.Outcome {
        processor[3] = UInt32(value >> 32)
        return .returns(UInt32(truncatingIfNeeded: value))
    }
}
