/// Where an address is in the source, innermost first where functions are inlined.
struct CodePlace: Equatable {
    struct Frame: Equatable {
        var function: String
        /// `file:line`; nil where the program says none.
        var line: String?
    }

    var address: UInt32
    var frames: [Frame]

    /// `loop() at /src/sketch.ino:12`, `inlined into setup() at ...`; empty where nothing is known.
    var text: [String] {
        frames.enumerated().map { depth, frame in
            (depth == 0 ? "" : "inlined into ") + frame.function + (frame.line.map { " at \($0)" } ?? "")
        }
    }

    /// Reads what `addr2line -a -f -i` prints: for each address its number, and then two lines for each function.
    ///
    /// - Parameter lines: From the first address on; a pair without its second line is left out.
    static func parse(_ lines: [String]) -> [CodePlace] {
        var places: [CodePlace] = []
        var function: String?
        for line in lines {
            if let name = function {
                function = nil
                guard name != "??" else { continue }
                places[places.count - 1].frames.append(Frame(function: name, line: known(line)))
            } else if line.hasPrefix("0x"), let address = UInt32(line.dropFirst(2), radix: 16) {
                places.append(CodePlace(address: address, frames: []))
            } else if !places.isEmpty {
                function = line
            }
        }
        return places
    }

    /// `file:12 (discriminator 3)` without what only a compiler understands; nil for `??:0` and `file:?`.
    private static func known(_ line: String) -> String? {
        let line = line.split(separator: " (discriminator").first.map(String.init) ?? line
        guard !line.hasPrefix("??"), !line.hasSuffix(":?"), !line.hasSuffix(":0") else { return nil }
        return line
    }
}
