extension ROM {
    static let arithmetic: [Entry] = [
        (0x4000_E21C, "__udivsi3", { .returns(divide($0).quotient) }),
        (0x4000_E268, "__umodsi3", { .returns(divide($0).remainder) }),
    ]

    /// What the ROM gives for a division by zero is 0.
    private static func divide(_ machine: Machine) -> (quotient: UInt32, remainder: UInt32) {
        machine.processor.spend(cycles: 35)
        guard machine.processor[3] != 0 else { return (0, 0) }
        return machine.processor[2].quotientAndRemainder(dividingBy: machine.processor[3])
    }
}
