import Settings
import Testing

@testable import Base

@Suite struct RequestConfigurationTests {
    private func configuration(commands: String = "{}", pusher: String = "") throws -> Configuration {
        try Configuration(
            json: """
                {"clients": [], "api": {"url": "https://d.example", "token": "t"},
                 "pusher": {"app-key": "k", "cluster": "eu"\(pusher)}, "commands": \(commands)}
                """)
    }

    private func problems(commands: String = "{}", pusher: String = "") -> [String] {
        let error = #expect(throws: SettingsError.self) {
            _ = try configuration(commands: commands, pusher: pusher)
        }
        return error?.problems.map(\.description) ?? []
    }

    @Test("CF-004: without the new keys commands wait as long as their time-out, in their order, and come in clear")
    func usual() throws {
        let usual = try configuration()
        #expect(usual.commands.ttl == nil)
        #expect(!usual.commands.newestWins)
        #expect(usual.pusher.encryption == .off)
        #expect(usual.pusher.encryption.channels == ["private-requests"])
    }

    @Test("CF-004: time to live, newest wins and encryption are read")
    func own() throws {
        let own = try configuration(
            commands: #"{"ttl": "250ms", "newest-wins": true}"#, pusher: #", "encryption": "required""#)
        #expect(own.commands.ttl == .milliseconds(250))
        #expect(own.commands.newestWins)
        #expect(own.pusher.encryption.channels == ["private-encrypted-requests"])
        let either = try configuration(pusher: #", "encryption": "preferred""#)
        #expect(either.pusher.encryption.channels == ["private-requests", "private-encrypted-requests"])
    }

    @Test("CF-003: a time to live beyond the time-out, and a word that is no kind of encryption, are named")
    func mistakes() {
        #expect(
            problems(commands: #"{"ttl": "11s"}"#).first?.hasSuffix(
                "commands.ttl: must not be longer than commands.timeout (10s)") == true)
        #expect(
            problems(pusher: #", "encryption": "on""#).first?.hasSuffix(
                #"pusher.encryption: must be one of "off", "preferred", "required", not "on""#) == true)
    }
}
