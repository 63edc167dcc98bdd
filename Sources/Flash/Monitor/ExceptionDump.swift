/// Finds in the lines of a board what the ROM and the Arduino core print about restarts and crashes.
///
/// Source: boot logs, and the core's core_esp8266_postmortem.cpp: `Exception (28):`, a line of registers, and the stack
/// between `>>>stack>>>` and `<<<stack<<<`. Whatever else stands between is passed over, and so is what stands before them in
/// a line: a time that somebody adds, or what the program was printing.
struct ExceptionDump {
    enum Event: Equatable {
        case restarted(BootReason)
        case stopped(ProgramStop)
        /// A number of ``ExceptionCause``, and what was said to be the reason just before.
        case exception(Int, after: ProgramStop? = nil)
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
    private var stop: ProgramStop?
    /// More words than any stack of the core holds that point to code.
    private static let wordLimit = 512
    private static let nameLimit = 16

    mutating func take(_ line: String) -> [Event] {
        if line.has(">>>stack>>>") {
            stop = nil
            defer { stack = Stack() }
            return finish()
        }
        if line.has("<<<stack<<<") { return finish() }
        if let event = event(line) { return finish() + [event] }
        if stack != nil { takeStack(line) }
        return []
    }

    /// Nothing more comes: a stack without an end ends.
    mutating func finish() -> [Event] {
        defer { stack = nil }
        return stack.map { [.stack(context: $0.context, $0.words)] } ?? []
    }

    private mutating func event(_ line: String) -> Event? {
        if let found = ProgramStop(line) {
            // The ROM's word is of the program that was, not of what comes.
            stop = found == .hardwareWatchdog ? nil : found
            return .stopped(found)
        }
        if let cause = Self.number(after: "rst cause:", in: line),
            let mode = Self.number(after: "boot mode:(", in: line)
        {
            stop = nil
            return .restarted(BootReason(cause: cause, mode: mode))
        }
        if let cause = Self.exception(line) {
            defer { stop = nil }
            return .exception(cause, after: stop)
        }
        if let text = line.text(from: "epc1=") {
            let registers = text.split { $0 == " " || $0 == "," }.compactMap(Self.register)
            return registers.isEmpty ? nil : .registers(registers)
        }
        return line.text(after: "last failed alloc call: ").flatMap { Self.address($0.prefix(8)) }
            .map(Event.failedAllocation)
    }

    /// `Exception (28):` at the line's end, or the SDK's `Fatal exception 28(LoadProhibitedCause):`.
    private static func exception(_ line: String) -> Int? {
        if let rest = line.trimming.text(after: "Exception ("), rest.hasSuffix("):") { return Int(rest.dropLast(2)) }
        return number(after: "Fatal exception ", in: line)
    }

    /// `3ffffe10:  3ffffe40 40201234 00000000 3ffe8500  <`.
    private mutating func takeStack(_ line: String) {
        if let context = line.text(after: "ctx: ") {
            stack?.context = String(context.prefix(Self.nameLimit))
            return
        }
        let words = line.split(separator: " ").drop { $0.last != ":" || Self.address($0.dropLast()) == nil }
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
        line.text(after: mark).flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
