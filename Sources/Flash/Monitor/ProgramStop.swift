/// Why a program has stopped, in the words of the Arduino core or the ROM, where they name no exception of the processor.
///
/// Source: the texts of the core's core_esp8266_postmortem.cpp, and boot logs; its documentation, "FAQ: watchdog".
enum ProgramStop: Equatable {
    /// `Soft WDT reset`.
    case softWatchdog
    /// The ROM's `wdt reset`.
    case hardwareWatchdog
    /// `Panic file:line function`, of `panic()` and of a failed `assert()`.
    case panic(function: String)
    /// `Abort called`.
    case abort
    /// `Unhandled C++ exception: OOM`.
    case unhandledException(String)
    /// `Stack overflow detected`, `Stack smashing detected`.
    case stackOverflow

    private static let wordLimit = 80

    /// - Parameter line: Whole; something else may stand before the words, a time or what the program was printing.
    init?(_ line: String) {
        let line = line.trimming
        if line.hasSuffix("Soft WDT reset") || line.has("Soft WDT reset - ") {
            self = .softWatchdog
        } else if line == "wdt reset" || line.hasSuffix(" wdt reset") {
            self = .hardwareWatchdog
        } else if line.hasSuffix("Abort called") {
            self = .abort
        } else if let words = line.text(after: "Unhandled C++ exception: ") {
            self = .unhandledException(String(words.prefix(Self.wordLimit)))
        } else if line.has("Stack overflow detected") || line.has("Stack smashing detected") {
            self = .stackOverflow
        } else if let function = Self.panic(line) {
            self = .panic(function: String(function.prefix(Self.wordLimit)))
        } else {
            return nil
        }
    }

    /// The function of `Panic file:line function` or `Panic file:line function: Assertion '...' failed.`
    private static func panic(_ line: String) -> Substring? {
        guard let words = line.text(after: "Panic "), let space = words.firstIndex(of: " "),
            let colon = words[..<space].lastIndex(of: ":"), Int(words[..<space][words.index(after: colon)...]) != nil
        else { return nil }
        let rest = words[words.index(after: space)...]
        return rest.ranges(of: ": Assertion '").first.map { rest[..<$0.lowerBound] } ?? rest
    }

    var text: String {
        switch self {
        case .softWatchdog: "the software watchdog: seconds went by without yield() or delay()"
        case .hardwareWatchdog: "the hardware watchdog: for seconds not even interrupts were served"
        // The core's own, where it may not wait.
        case .panic("__yield"): "yield() or delay() was called where it must not be: callback or interrupt"
        case .panic(let function): "the program has stopped itself in \(function): panic() or a failed assert()"
        case .abort: "the program has called abort()"
        case .unhandledException("OOM"): "no memory was left for new, and no program is prepared for that"
        case .unhandledException(let name): "the program has thrown what nothing catches: \(name)"
        case .stackOverflow:
            "the stack has grown over its end: large local variables, or recursion"
        }
    }

    /// What the number of an exception means that is told right after this; nil where it means what it says.
    func meaning(ofException number: Int) -> String? {
        switch (self, number) {
        case (.softWatchdog, 4): "the watchdog's interrupt; epc1 is where the program was"
        case (.stackOverflow, 5): "the core's number for the stack; epc1 is not where the program was"
        default: nil
        }
    }
}
