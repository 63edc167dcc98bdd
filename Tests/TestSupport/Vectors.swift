import Foundation

/// A file of golden bytes in firmware-spec/vectors.
public struct VectorFile<Vector: Decodable & Sendable>: Decodable, Sendable {
    /// What the file covers, in a sentence.
    public let about: String
    public let vectors: [Vector]

    /// Reads `firmware-spec/vectors/NAME.json`, or one of another folder of the repository.
    public static func load(_ name: String, in folder: String = "firmware-spec/vectors") throws -> VectorFile {
        let url = repositoryRoot.appending(path: "\(folder)/\(name).json")
        return try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: url))
    }
}

/// Bytes that a vector writes in hex; spaces are allowed between bytes, and `{"repeat": "61", "times": 4096}` spells long runs.
public struct HexBytes: Decodable, Sendable, Equatable {
    public let bytes: [UInt8]

    private struct Run: Decodable {
        let `repeat`: String
        let times: Int
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            bytes = try Self.parse(text, container)
        } else if let runs = try? container.decode([HexBytes].self) {
            bytes = runs.flatMap(\.bytes)
        } else {
            let run = try container.decode(Run.self)
            let unit = try Self.parse(run.repeat, container)
            bytes = (0..<run.times).flatMap { _ in unit }
        }
    }

    private static func parse(_ text: String, _ container: any SingleValueDecodingContainer) throws -> [UInt8] {
        let digits = Array(text.filter { $0 != " " })
        guard digits.count.isMultiple(of: 2) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "odd number of hex digits")
        }
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hex: \(text)")
            }
            return byte
        }
    }
}
