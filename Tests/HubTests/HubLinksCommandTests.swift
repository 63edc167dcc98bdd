import Testing

@testable import Hub

struct HubLinksCommandTests {
    @Test(
        "a device is added under no name that the dashboard would not take",
        arguments: ["", "  ", "a\u{1B}[2Jb", String(repeating: "n", count: 101)])
    func name(text: String) throws {
        let error = #expect(throws: (any Error).self) {
            try HubLinksCommand.parse(["--name", text, "--address", "127.0.1.1"])
        }
        #expect(HubLinksCommand.message(for: try #require(error)).contains("--name \(GivenName.rule)"))
    }

    @Test("a name and an address are enough")
    func usual() throws {
        let command = try HubLinksCommand.parse(["--name", "Wind gauge", "--address", "127.0.1.1"])
        #expect(command.name == "Wind gauge" && "\(command.address)" == "127.0.1.1")
    }
}
