extension ROM {
    static let strings: [Entry] = [
        (0x4000_BF4C, "strlen", length), (0x4000_2AC8, "ets_strlen", length), (0x4000_BDC8, "strcmp", compare),
        (0x4000_2AA8, "ets_strcmp", compare), (0x4000_BFA8, "strncmp", compareSome),
        (0x4000_2AB8, "ets_strncmp", compareSome), (0x4000_BEC8, "strcpy", copy), (0x4000_2A88, "ets_strcpy", copy),
        (0x4000_C0A0, "strncpy", copySome), (0x4000_2A98, "ets_strncpy", copySome), (0x4000_E1E0, "strstr", find),
        (0x4000_2AD8, "ets_strstr", find),
    ]

    private static let length: @Sendable (Machine) -> Outcome = { machine in
        machine.with(strings: [2]) { .returns(UInt32($0[0].count)) }
    }

    private static let compare: @Sendable (Machine) -> Outcome = { machine in
        machine.with(strings: [2, 3]) { .returns(difference($0[0] + [0], $0[1] + [0])) }
    }

    private static let compareSome: @Sendable (Machine) -> Outcome = { machine in
        let most = Int(machine.processor[4])
        let texts = [2, 3].map { machine.beginning(of: machine.processor[$0], most: most) }
        guard let left = texts[0], let right = texts[1] else {
            return machine.refuse(reading: [machine.processor[2], machine.processor[3]], count: most)
        }
        machine.processor.spend(cycles: max(left.count, right.count))
        return .returns(difference(left, right))
    }

    private static func difference(_ one: [UInt8], _ other: [UInt8]) -> UInt32 {
        guard let place = zip(one, other).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else {
            return 0
        }
        return UInt32(bitPattern: Int32(one[place]) - Int32(other[place]))
    }

    private static let copy: @Sendable (Machine) -> Outcome = { machine in
        machine.with(strings: [3]) { machine.put($0[0] + [0]) }
    }

    private static let copySome: @Sendable (Machine) -> Outcome = { machine in
        let count = Int(machine.processor[4])
        guard let text = machine.beginning(of: machine.processor[3], most: count) else {
            return machine.refuse(reading: [machine.processor[3]], count: count)
        }
        guard count <= machine.memory.writable(from: machine.processor[2]) else {
            return machine.refuse(writing: machine.processor[2], count: count)
        }
        return machine.put(text + [UInt8](repeating: 0, count: count - text.count))
    }

    private static let find: @Sendable (Machine) -> Outcome = { machine in
        machine.with(strings: [2, 3]) { texts in
            .returns(place(of: texts[1], in: texts[0]).map { machine.processor[2] &+ UInt32($0) } ?? 0)
        }
    }

    /// In linear time, whatever a program looks for (Knuth, Morris and Pratt).
    private static func place(of part: [UInt8], in text: [UInt8]) -> Int? {
        guard !part.isEmpty else { return 0 }
        // How much of the part's beginning ends at each of its places.
        var borders = [0]
        for byte in part.dropFirst() {
            var length = borders[borders.count - 1]
            while length > 0, part[length] != byte { length = borders[length - 1] }
            borders.append(part[length] == byte ? length + 1 : 0)
        }
        var matched = 0
        for (index, byte) in text.enumerated() {
            while matched > 0, part[matched] != byte { matched = borders[matched - 1] }
            if part[matched] == byte { matched += 1 }
            if matched == part.count { return index + 1 - matched }
        }
        return nil
    }
}

extension Machine {
    /// Gives the strings to whose beginnings registers point, or raises the exception of one that has no end.
    func with(strings registers: [Int], _ body: ([[UInt8]]) -> ROM.Outcome) -> ROM.Outcome {
        var texts: [[UInt8]] = []
        for register in registers {
            guard let text = memory.string(at: processor[register]) else {
                return refuse(reading: [processor[register]], count: .max)
            }
            processor.spend(cycles: text.count)
            texts.append(text)
        }
        return body(texts)
    }

    /// A string with its zero, or as much of it as is wanted; nil where memory ends before that.
    fileprivate func beginning(of address: UInt32, most: Int) -> [UInt8]? {
        let bytes = memory.readable(from: address).prefix(most)
        if let end = bytes.firstIndex(of: 0) { return Array(bytes[...end]) }
        return bytes.count == most ? Array(bytes) : nil
    }

    /// Writes to where a2 points.
    fileprivate func put(_ bytes: [UInt8]) -> ROM.Outcome {
        memory.write(bytes, at: processor[2]) ? .returns(nil) : refuse(writing: processor[2], count: bytes.count)
    }
}
