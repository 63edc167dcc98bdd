import Foundation

/// Finds in the lines of a board what the ROM and the Arduino core print about restarts and crashes.
///
/// Source: boot logs, and the core's core_esp8266_postmortem.cpp: `Exception (28):`, a line of registers, and the stack
/// between `>>>stack>>>` and `<<<stack<<<`. Whatever else stands between is passed over.
struct ExceptionDump {
    enum Event: Equatable {
        case restarted(BootReason)
        /// A number of ``ExceptionCause``.
        case exception(Int)
        /// `epc1`, `epc2`, `epc3`, `excvaddr`, `depc`, as they stand there.
        case registers([Register])
        /// The call that got no memory.
        case failedAllocation(UInt32)
        /// The words on a stack that may be addresses of code, from the top.
        case stack(context: String?, [UInt32])
    }

    struct Register: Equatable {
        var name: String
        var value: UInt32
    }

    private struct Stack {
        var context: String?
        var words: [UInt32] = []
    }

    private var stack: Stack?
    /// More words than any stack of the core holds that point to code.
    private static let wordLimit = 512
    private static let nameLimit = 16

    mutating func take(_ line: String) -> [Event] {
        if line.hasPrefix(">>>stack>>>") {
            defer { stack = Stack() }
            return finish()
        }
        if line.hasPrefix("<<<stack<<<") { return finish() }
        if let event = Self.event(line) { return finish() + [event] }
        if stack != nil { takeStack(line) }
        return []
    }

    /// Nothing more comes: a stack without an end ends.
    mutating func finish() -> [Event] {
        defer { stack = nil }
        return stack.map { [.stack(context: $0.context, $0.words)] } ?? []
    }

    private static func event(_ line: String) -> Event? {
        if let cause = number(after: "rst cause:", in: line), let mode = number(after: "boot mode:(", in: line) {
            return .restarted(BootReason(cause: cause, mode: mode))
        }
        for start in ["Exception (", "Fatal exception "] where line.hasPrefix(start) {
            return number(after: start, in: line).map(Event.exception)
        }
        if line.hasPrefix("epc1=") {
            let registers = line.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap(register)
            return registers.isEmpty ? nil : .registers(registers)
        }
        if line.hasPrefix("last failed alloc call: ") {
            return address(line.dropFirst("last failed alloc call: ".count).prefix(8)).map(Event.failedAllocation)
        }
        return nil
    }

    /// `3ffffe10:  3ffffe40 40201234 00000000 3ffe8500  <`.
    private mutating func takeStack(_ line: String) {
        if line.hasPrefix("ctx: ") {
            stack?.context = String(line.dropFirst("ctx: ".count).prefix(Self.nameLimit))
            return
        }
        let words = line.split(separator: " ")
        guard let place = words.first, place.count == 9, place.last == ":", Self.address(place.dropLast()) != nil else {
            return
        }
        for word in words.dropFirst() {
            guard let value = Self.address(word), Self.isCode(value), let count = stack?.words.count,
                count < Self.wordLimit
            else { continue }
            stack?.words.append(value)
        }
    }

    /// Instruction RAM, and the flash as it is mapped. The ROM is in no ELF.
    static func isCode(_ address: UInt32) -> Bool {
        (0x4010_0000..<0x4011_0000).contains(address) || (0x4020_0000..<0x4030_0000).contains(address)
    }

    private static func register(_ text: Substring) -> Register? {
        let sides = text.split(separator: "=")
        guard sides.count == 2, sides[1].hasPrefix("0x"), sides[0].count <= nameLimit,
            let value = UInt32(sides[1].dropFirst(2), radix: 16)
        else { return nil }
        return Register(name: String(sides[0]), value: value)
    }

    private static func address(_ text: Substring) -> UInt32? {
        text.count == 8 ? UInt32(text, radix: 16) : nil
    }

    private static func number(after mark: String, in line: String) -> Int? {
        line.range(of: mark).flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) }
    }
}
