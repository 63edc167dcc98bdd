import Files
import Foundation
import Settings

extension Signal {
    /// How signals are written, for help texts and errors.
    public static let notations = "constant:512, sine:60s, walk:20, uniform, counter, csv:FILE"

    /// Reads the notation of options and fleet files.
    ///
    /// A CSV file gives the last column of each line; a first line whose last column is no number is a heading, and
    /// blank lines are passed over.
    ///
    /// - Throws: ``SignalError``.
    public init(_ text: String) throws(SignalError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let argument = parts.count == 2 ? parts[1] : nil
        switch (parts[0], argument) {
        case ("constant", let value?):
            guard let value = Int(value) else { throw .badArgument(text, expected: "a whole number: constant:512") }
            self = .constant(value)
        case ("sine", _):
            guard let period = Duration(settingsText: argument ?? "60s"), period >= .milliseconds(1) else {
                throw .badArgument(text, expected: "a time above zero: sine:60s")
            }
            self = .sine(period: period)
        case ("walk", _):
            guard let step = Int(argument ?? "20"), Signal.range.dropFirst().contains(step) else {
                throw .badArgument(text, expected: "a step from 1 to \(Signal.range.upperBound): walk:20")
            }
            self = .randomWalk(step: step)
        case ("uniform", nil):
            self = .uniform
        case ("counter", nil):
            self = .counter
        case ("csv", let file?):
            self = .replay(try Self.readCSV(file))
        default:
            throw .unknown(text)
        }
    }

    private static let mostCSVBytes = 16 * 1024 * 1024

    private static func readCSV(_ path: String) throws(SignalError) -> [Int] {
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: mostCSVBytes)
        } catch {
            throw .unreadable(path, error)
        }
        return try values(ofCSV: String(decoding: data, as: UTF8.self), path: path)
    }

    static func values(ofCSV text: String, path: String) throws(SignalError) -> [Int] {
        var values: [Int] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let columns = line.split(separator: ",", omittingEmptySubsequences: false)
            let last = columns.last?.trimmingCharacters(in: .whitespaces) ?? ""
            if columns.count == 1, last.isEmpty { continue }
            if let value = Int(last) {
                values.append(value)
            } else if index > 0 {
                throw .badLine(path, line: index + 1, text: last)
            }
        }
        guard !values.isEmpty else { throw .noValues(path) }
        return values
    }
}

/// Text that is no signal.
public enum SignalError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(String)
    case badArgument(String, expected: String)
    case unreadable(String, RegularFileError)
    case badLine(String, line: Int, text: String)
    case noValues(String)

    public var description: String {
        switch self {
        case .unknown(let text):
            "\"\(text.prefix(64))\" is no signal; write one of \(Signal.notations)"
        case .badArgument(let text, let expected):
            "\"\(text.prefix(64))\" is not complete; it wants \(expected)"
        case .unreadable(let path, .tooLarge):
            "the file \(path) is larger than 16 MiB; replay a part of it"
        case .unreadable(let path, let reason):
            "the file \(path) cannot be read: \(reason); name a CSV file"
        case .badLine(let path, let line, let text):
            "line \(line) of \(path) ends with \"\(text.prefix(32))\"; its last column must be a whole number"
        case .noValues(let path):
            "the file \(path) has no values; it wants one whole number a line"
        }
    }
}
