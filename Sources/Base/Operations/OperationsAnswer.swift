import Foundation

/// What is answered to one question about the base.
struct OperationsAnswer: Equatable, Sendable {
    var status: Int
    var type: String
    var body: String

    /// One line, keys sorted.
    static func json(_ status: Int, _ value: some Encodable) -> OperationsAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(value)) ?? Data("{}".utf8)
        return OperationsAnswer(
            status: status, type: "application/json", body: String(decoding: data, as: UTF8.self) + "\n")
    }
}
