import Foundation
import Testing
import UnitProtocol

@testable import Up

@Suite struct ReadyReportTests {
    private func report(password: ReadyReport.Password) throws -> ReadyReport {
        ReadyReport(
            hub: "http://127.0.0.1:8080", token: "t", admin: .init(user: "admin", password: password),
            units: [
                .init(name: "sensor-1", address: try IPv4Address("127.0.1.1"), kind: .read),
                .init(name: "lamp-1", address: try IPv4Address("127.0.1.2"), kind: .updatable),
            ])
    }

    @Test("a script gets every key, a password that is not known as null")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(
            String(decoding: try encoder.encode(try report(password: .changed)), as: UTF8.self)
                == #"{"admin":{"password":null,"user":"admin"},"hub":"http://127.0.0.1:8080","token":"t","#
                + #""units":[{"ip":"127.0.1.1","kind":"read","name":"sensor-1"},"#
                + #"{"ip":"127.0.1.2","kind":"updatable","name":"lamp-1"}]}"#)
    }

    @Test(
        "a password that was changed and one that was lost are told apart",
        arguments: [
            (ReadyReport.Password.changed, "as you set it"),
            (.unknown(hub: "/s/hub"), "not known here; iot hub user password --state /s/hub makes a new one"),
        ])
    func passwords(password: ReadyReport.Password, text: String) throws {
        #expect(try report(password: password).text.contains("\n  Password   \(text)\n"))
    }

    @Test("a person gets a table")
    func text() throws {
        #expect(
            try report(password: .known("pw")).text == """
                The system runs.

                  Dashboard  http://127.0.0.1:8080
                  User       admin
                  Password   pw

                  Units, on port 8888:
                    sensor-1  127.0.1.1        read unit
                    lamp-1    127.0.1.2        lamp

                Ctrl-C stops it.
                """)
    }
}
