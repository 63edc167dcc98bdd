import Foundation

/// One line of what a sink has received: who has sent it, and the value.
struct ReceivedLine: Equatable {
    /// A unit's name or address.
    var unit: String
    var value: Int

    private struct Object: Decodable {
        var unit: String?
        var ip: String?
        var value: Value

        enum Value: Decodable {
            case number(Int)
            case text(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Int.self) {
                    self = .number(number)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }
    }

    /// Reads `UNIT VALUE` (also with a comma, a semicolon or a tab between) or `{"unit" or "ip": …, "value": …}`.
    init?(_ line: some StringProtocol) {
        if line.first == "{" {
            guard let object = try? JSONDecoder().decode(Object.self, from: Data(line.utf8)),
                let unit = object.unit ?? object.ip
            else { return nil }
            switch object.value {
            case .number(let number): self.init(unit: unit, value: number)
            case .text(let text):
                guard let number = Int(text) else { return nil }
                self.init(unit: unit, value: number)
            }
            return
        }
        let words = line.split { " ,;\t\r".contains($0) }
        guard words.count == 2, let value = Int(words[1]) else { return nil }
        self.init(unit: String(words[0]), value: value)
    }

    init(unit: String, value: Int) {
        self.unit = unit
        self.value = value
    }
}
