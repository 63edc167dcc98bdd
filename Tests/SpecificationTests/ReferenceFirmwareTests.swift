import Daemon
import Foundation
import TestSupport
import Testing

/// The reference firmware as Linux processes, beside the simulated units, and its sources for the ESP8266.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct ReferenceFirmwareTests {
    private static let vectors = repositoryRoot.appending(path: "firmware-spec/vectors/colours.json").path

    /// Builds into a folder of its own.
    private func withFirmware(_ what: String, _ body: (URL) async throws -> Void) async throws {
        try await withTemporaryDirectory { folder in
            let process = try ChildProcess(
                name: "build", executable: repositoryRoot.appending(path: "firmware-spec/reference/build"),
                arguments: [what, folder.path], readsErrors: true)
            let done = await FinishedCommand.run(process)
            #expect(done == FinishedCommand(end: "exit code 0", output: [], errors: []))
            try await body(folder)
        }
    }

    private func conformance(_ kind: String, _ address: String, _ command: [String]) async throws -> [String] {
        try await PythonPeer.run("unit_conformance.py", [kind, address, Self.vectors] + command)
    }

    @Test(
        "UP-001 to UP-003, CT-001, CT-002, CT-004, UP-030: a read unit is the same, simulated and built from our sources"
    )
    func readUnits() async throws {
        func expected(_ address: String) -> [String] {
            [
                #""CT-001: the boot", "is": ["Connecting to Wifi", "Connected to iot", "IP address: \#(address)", "#
                    + #""Open Telnet and connect to IP:\#(address) on port 8888"]"#,
                #""UP-001, UP-002: the lines are numbers of up to 4 digits that end with LF alone", "is": true"#,
                #""UP-003: the lines come a second apart", "is": true"#,
                #""CT-004: the console has them too", "is": true"#,
                #""UP-030, UP-039: a second client hears nothing", "is": true"#,
                #""it is served when the first has gone", "is": true"#,
                #""CT-002: the console", "is": ["Client Connected", "Client disconnected", "Client Connected", "#
                    + #""Client disconnected"]"#,
                #""the first line comes at once", "is": true"#,
            ].map { #"{"what": \#($0)}"# }
        }
        let simulated = [
            try BuiltCommand.executable().path, "sim", "read", "--name", "u", "--address", "127.39.8.1",
        ]
        #expect(try await conformance("read", "127.39.8.1", simulated) == expected("127.39.8.1"))
        try await withFirmware("host") { folder async throws in
            let built = ["\(folder.path)/light-sensor", "--address", "127.39.8.2", "--ssid", "iot"]
            #expect(try await conformance("read", "127.39.8.2", built) == expected("127.39.8.2"))
        }
    }

    @Test(
        "UP-010 to UP-018, UP-031: a lamp is the same but for LF, which ends a command, and for early closes, which lose none"
    )
    func lamps() async throws {
        func expected(_ address: String, lineFeed: String, early: Bool) -> [String] {
            [
                #""CT-001: the boot", "is": ["Connecting to Wifi", "Connected to iot", "IP address: \#(address)", "#
                    + #""Open Telnet and connect to IP:\#(address) on port 8888"]"#,
                #""UP-010: CR", "is": "at once""#, #""UP-011: LF", "is": "\#(lineFeed)""#,
                #""UP-012: CR LF", "is": "at once""#, #""UP-011: nothing", "is": "late""#,
                #""in pieces", "is": "at once""#, #""UP-013: two commands", "is": ["red", "blue"]"#,
                #""UP-030: nothing of a client that waits", "is": true"#,
                #""UP-031: what came is used though the peer has closed", "is": \#(early)"#,
            ].map { #"{"what": \#($0)}"# }
        }
        let simulated = [
            try BuiltCommand.executable().path, "sim", "lamp", "--name", "u", "--address", "127.39.8.3",
        ]
        #expect(
            try await conformance("updatable", "127.39.8.3", simulated)
                == expected("127.39.8.3", lineFeed: "late", early: false))
        try await withFirmware("host") { folder async throws in
            let built = ["\(folder.path)/led-lamp", "--address", "127.39.8.4", "--ssid", "iot"]
            #expect(
                try await conformance("updatable", "127.39.8.4", built)
                    == expected("127.39.8.4", lineFeed: "at once", early: true) + [
                        #"{"what": "UP-014 to UP-018: colours that are wrong", "is": []}"#,
                        #"{"what": "how many colours", "is": 18}"#,
                    ])
        }
    }

    private func scenario(_ name: String) async throws -> [String] {
        var findings: [String] = []
        try await withFirmware("host") { folder async throws in
            try await withTemporaryDirectory { directory in
                findings = try await PythonPeer.run("reference_firmware.py", [folder.path, directory.path, name])
            }
        }
        return findings
    }

    @Test("The network is typed in on the console, kept, and asked for where the flash is damaged")
    func settings() async throws {
        let form = "Type wifi SSID PASSWORD"
        let refused = [
            form, form, "A password has at least 8 characters; an open network has none.", form, form,
            "Type idle SECONDS",
            "Type idle SECONDS",
            #"wifi SSID PASSWORD  keeps the network and restarts; \"my net\" where there are spaces"#,
        ]
        let none = "No network is known. Type wifi SSID PASSWORD."
        let boot = [
            "Connecting to Wifi", #"Connected to my \"net"#, "IP address: 127.0.9.1",
            "Open Telnet and connect to IP:127.0.9.1 on port 8888",
        ]
        func finding(_ what: String, _ lines: [String]) -> String {
            #"{"what": "\#(what)", "is": [\#(lines.map { "\"\($0)\"" }.joined(separator: ", "))]}"#
        }
        #expect(
            try await scenario("settings") == [
                finding("without a network", ["iot led-lamp 1.0.0", none]), finding("what is refused", refused),
                #"{"what": "nothing is kept of it", "is": false}"#,
                finding("after it is typed", ["Kept.", "Kept.", "Restarting", "iot led-lamp 1.0.0"] + boot),
                finding("after a loss of power", Array(boot.prefix(2))), finding("where the flash is damaged", [none]),
                finding("an open network, and then none", [none]),
            ])
    }

    @Test("A client that is silent gives way to one that waits, after the time that was set")
    func silent() async throws {
        #expect(
            try await scenario("silent") == [
                #"{"what": "alone it stays", "is": true}"#,
                #"{"what": "the console", "is": ["Client Connected", "re", "Client dropped: it was silent, and another waits", "#
                    + #""Client Connected", "blue"]}"#,
                #"{"what": "what the first one is told", "is": true}"#,
                #"{"what": "one that speaks stays beside one that waits", "is": 2}"#,
            ])
        #expect(
            try await scenario("slow") == [
                #"{"what": "a counter", "is": ["1", "2", "3"]}"#,
                #"{"what": "one that takes its lines stays though it is silent", "is": 1}"#,
                #"{"what": "the next one is served then", "is": true}"#,
            ])
    }

    @Test("A client that is silent for a day, a month or two gives way all the same: the clock wraps after 49 days")
    func longSilence() async throws {
        try await withFirmware("tests") { folder in
            let process = try ChildProcess(
                name: "long-silence", executable: folder.appending(path: "long-silence"), arguments: [],
                readsErrors: true)
            let expected = [24, 720, 1440].flatMap { hours in
                [
                    "0: Client Connected", "\(hours): Client dropped: it was silent, and another waits",
                    "\(hours): Client Connected",
                ]
            }
            let done = await FinishedCommand.run(process)
            #expect(done == FinishedCommand(end: "exit code 0", output: expected, errors: []))
        }
    }

    @Test("Lines that are too long are left out whole, each line end ends a command, and an end by closing is one too")
    func longLines() async throws {
        #expect(
            try await scenario("long_lines") == [
                #"{"what": "the console", "is": ["The command is too long, and is left out.", "red", 1024, "#
                    + #""That is no command.", "The command is too long, and is left out.", "blue"]}"#,
                #"{"what": "what a terminal would obey is not printed", "is": true}"#,
                #"{"what": "what had no end when the peer closed is used", "is": "shows #00ff00"}"#,
            ])
    }

    @Test(
        "The sources for the ESP8266 compile with Debian's compiler",
        .enabled(if: CrossCompiler.isExpected, CrossCompiler.reason))
    func objects() async throws {
        try await withFirmware("objects") { folder in
            let objects = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(objects.count == 10)
            #expect(objects.contains("src-led-lamp-main.o") && objects.contains("src-light-sensor-main.o"))
        }
    }
}
