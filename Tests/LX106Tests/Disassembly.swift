import Foundation
import TestSupport

@testable import LX106

/// What `xtensa-lx106-elf-objdump` writes, and the same from our decoder.
enum Disassembly {
    struct Line: Equatable {
        var address: UInt32
        var length: Int
        /// The mnemonic, a space, the operands.
        var text: String
    }

    /// A place's instruction as objdump writes it: what begins with 14 or 15 in its lowest bits is a single byte there.
    static func text(_ bits: UInt32, at address: UInt32) -> String {
        let instruction = Decoder.decode(bits, at: address)
        return instruction.operation == .undefined && bits & 0xF >= 14
            ? ".byte 0x" + String(bits & 0xFF, radix: 16) : instruction.text
    }

    /// Our decoder's line for a place.
    static func line(_ code: [UInt8], at address: UInt32) -> Line {
        let rest = code[Int(address)...].prefix(3)
        let bits = rest.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let length = Decoder.length(first: rest[rest.startIndex])
        let text = text(bits, at: address)
        guard rest.count >= length, !text.hasPrefix(".byte") else {
            let byte = String(rest[rest.startIndex], radix: 16)
            return Line(address: address, length: 1, text: ".byte " + (byte == "0" ? "00" : "0x" + byte))
        }
        return Line(address: address, length: length, text: text)
    }

    /// Objdump's text of the lines that begin so, with neither address nor bytes.
    static func text(of image: [UInt8], lines: String) async throws -> String {
        try await run(image, "grep -E '\(lines)' | cut -f3- | tr '\\t' ' ' | sed 's/ (0x[0-9a-f]*)$//'")
    }

    /// Objdump's lines of a whole image, one after the other.
    static func lines(of image: [UInt8]) async throws -> [Line] {
        let text = try await run(image, "grep -E '^ *[0-9a-f]+:' | sed 's/ (0x[0-9a-f]*)$//'")
        return try text.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t")
            guard parts.count >= 3, let address = UInt32(parts[0].dropLast().drop { $0 == " " }, radix: 16) else {
                throw CrossTools.Failed(description: "objdump wrote \(line)")
            }
            return Line(
                address: address, length: parts[1].count { $0 != " " } / 2,
                text: parts[2...].joined(separator: " "))
        }
    }

    private static func run(_ image: [UInt8], _ filter: String) async throws -> String {
        try await withTemporaryDirectory { folder in
            let (file, output) = (folder.appending(path: "image"), folder.appending(path: "text"))
            try Data(image).write(to: file)
            let objdump = "xtensa-lx106-elf-objdump -D -z -b binary -m xtensa"
            try await CrossTools.run(["sh", "-c", "\(objdump) \"$1\" | \(filter)", "sh", file.path], output: output)
            return try String(decoding: Data(contentsOf: output), as: UTF8.self)
        }
    }
}
