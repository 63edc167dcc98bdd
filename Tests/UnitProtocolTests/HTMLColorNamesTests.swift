import Foundation
import TestSupport
import Testing

@testable import UnitProtocol

@Suite struct HTMLColorNamesTests {
    @Test("UP-014: the dashboard draws each of the 147 names in the colour that the lamps show")
    func page() throws {
        let page = try String(
            contentsOf: repositoryRoot.appending(path: "Sources/Hub/Pages/colour-names.js"), encoding: .utf8)
        let drawn = page.matches(of: /([a-z]+): 0x([0-9a-f]{6})\b/).map { "\($0.1) \($0.2)" }
        let shown = HTMLColor.colors.map { name, color in
            let digits = [color.red, color.green, color.blue].map { String(0x100 + Int($0), radix: 16).dropFirst() }
            return "\(name) \(digits.joined())"
        }
        #expect(drawn.count == 147)
        #expect(drawn.sorted() == shown.sorted())
    }
}
