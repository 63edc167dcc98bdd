extension ROM {
    static let strings: [Entry] = [
        (0x4000_BF4C, "strlen", length), (0x4000_2AC8, "ets_strlen", length), (0x4000_BDC8, "strcmp", compare),
        (0x4000_2AA8, "ets_strcmp", compare), (0x4000_BFA8, "strncmp", compareSome),
        (0x4000_2AB8, "ets_strncmp", compareSome), (0x4000_BEC8, "strcpy", copy), (0x4000_2A88, "ets_strcpy", copy),
        (0x4000_C0A0, "strncpy", copySome), (0x4000_2A98, "ets_strncpy", copySome), (0x4000_E1E0, "strstr", find),
        (0x4000_2AD8, "ets_strstr", find),
    ]

    private static let length: @Sendable (Machine) -> Outcome = { .returns(UInt32($0.string(2).count)) }

    private static let compare: @Sendable (Machine) -> Outcome = { machine in
        .returns(difference(machine.string(2), machine.string(3)))
    }

    private static let compareSome: @Sendable (Machine) -> Outcome = { machine in
        let most = Int(machine.processor[4])
        return .returns(difference(Array(machine.string(2).prefix(most)), Array(machine.string(3).prefix(most))))
    }

    private static func difference(_ one: [UInt8], _ other: [UInt8]) -> UInt32 {
        let (left, right) = (one + [0], other + [0])
        guard let place = zip(left, right).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
            return 0
        }
        return UInt32(bitPattern: Int32(left[place]) - Int32(right[place]))
    }

    private static let copy: @Sendable (Machine) -> Outcome = { machine in
        machine.memory.write(machine.string(3) + [0], at: machine.processor[2])
        return .returns(nil)
    }

    private static let copySome: @Sendable (Machine) -> Outcome = { machine in
        let count = min(Int(machine.processor[4]), MachineMemory.data.bytes)
        let text = machine.string(3).prefix(count)
        machine.memory.write(text + [UInt8](repeating: 0, count: count - text.count), at: machine.processor[2])
        return .returns(nil)
    }

    private static let find: @Sendable (Machine) -> Outcome = { machine in
        let (text, part) = (machine.string(2), machine.string(3))
        guard part.count <= text.count else { return .returns(0) }
        let place = (0...text.count - part.count).first { text[$0..<$0 + part.count].elementsEqual(part) }
        return .returns(place.map { machine.processor[2] &+ UInt32($0) } ?? 0)
    }
}

extension Machine {
    /// The bytes up to a zero from the address in a register on.
    func string(_ register: Int) -> [UInt8] { string(at: processor[register]) }

    /// The longest one that is looked for (bytes).
    private static let longestString = 0x10000

    func string(at start: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < Self.longestString,
            let byte = memory.read(start &+ UInt32(bytes.count), 1)?.first, byte != 0
        {
            bytes.append(byte)
        }
        processor.spend(cycles: bytes.count)
        return bytes
    }
}
