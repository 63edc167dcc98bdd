import Foundation
import TestSupport

/// What a scenario of Tests/Peers finds when it meets the built command.
enum Findings {
    private struct Finding: Decodable {
        let what: String
        let `is`: JSONText
    }

    /// Each finding as `what: value`, in order.
    ///
    /// - Parameter script: Takes the command, a directory of its own and the scenario's name, and prints a line of JSON
    ///   a finding.
    static func of(
        _ script: String, _ scenario: String, within limit: Duration = .seconds(100)
    ) async throws -> [String] {
        try await withTemporaryDirectory { directory in
            let lines = try await PythonPeer.run(
                script, [try BuiltCommand.executable().path, directory.path, scenario], within: limit)
            let findings = try lines.map { line in
                let finding = try JSONDecoder().decode(Finding.self, from: Data(line.utf8))
                return "\(finding.what): \(finding.is.text)"
            }
            // An expectation of what is awaited does not show it when it fails.
            print("\(script) \(scenario): \(findings)")
            return findings
        }
    }

    /// Any JSON value as canonical text.
    private struct JSONText: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                text = "\(flag)"
            } else if let number = try? container.decode(Int.self) {
                text = "\(number)"
            } else if let string = try? container.decode(String.self) {
                text = string
            } else if let list = try? container.decode([JSONText].self) {
                text = "[" + list.map(\.text).joined(separator: " | ") + "]"
            } else {
                let object = try container.decode([String: JSONText].self)
                text = object.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: " | ")
            }
        }
    }
}
