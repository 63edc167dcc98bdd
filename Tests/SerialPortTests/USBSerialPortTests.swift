import Foundation
import TestSupport
import Testing

/// `USBSerialPort` in a process of its own, on the system's libusb, against models of the chips.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: EmulatedAdapters.isExpected, EmulatedAdapters.reason))
struct USBSerialPortTests {
    @Test("the adapters that are plugged in are listed, with where they are and what they say of themselves")
    func list() async throws {
        let (listed, _) = try await EmulatedAdapters.run(["1-1.3,ftdi", "1-1.1,ch340,serial=0001", "1-1.2,cp210x"]) {
            try await $0.finish("SerialProbe", ["list"])
        }
        #expect(
            listed.output == [
                #"{"busPath":"1-1.1","manufacturer":"Maker","product":29987,"productName":"Model of CH340","#
                    + #""serialNumber":"0001","vendor":6790}"#,
                #"{"busPath":"1-1.2","manufacturer":"Maker","product":60000,"productName":"Model of CP210x","vendor":4292}"#,
                #"{"busPath":"1-1.3","manufacturer":"Maker","product":24577,"productName":"Model of FTDI","vendor":1027}"#,
            ])
    }

    /// What a model says while a program opens it, and closes it again; speeds are what the chip really does.
    private struct Course: Sendable {
        var chip: String
        var identifier: String
        var driver: String
        var opening: [String]
        var speeds: [Int]
        var closing: [String] = []
    }

    private static let courses = [
        Course(
            chip: "ch340", identifier: "1a86:7523", driver: "ch341",
            opening: [#""reset": true"#, #""baud": 115385"#, #""format": "8N1""#, #""lines": [0, 0]"#],
            speeds: [461_538, 923_077]),
        Course(
            chip: "cp210x", identifier: "10c4:ea60", driver: "cp210x",
            opening: [
                #""enabled": true"#, #""baud": 115200"#, #""format": "8N1""#, #""flow": "none""#, #""lines": [0, 0]"#,
            ],
            speeds: [460_800, 921_600], closing: [#""enabled": false"#]),
        Course(
            chip: "ftdi", identifier: "0403:6001", driver: "ftdi_sio",
            opening: [
                #""reset": true"#, #""latency": 1"#, #""flow": "none""#, #""format": "8N1""#, #""baud": 115385"#,
                #""lines": [0, 0]"#,
            ],
            speeds: [461_538, 923_077]),
    ]

    @Test(
        "each chip leaves its driver and returns to it, obeys in speed and lines, and carries 300 000 bytes both ways",
        arguments: courses)
    private func course(_ course: Course) async throws {
        let steps = [
            "echo=1000", "baud=460800", "lines=1,1", "lines=0,1", "lines=1,0", "lines=-,1", "lines=0,-", "baud=921600",
            "echo=300000", "discard", "read=50",
        ]
        let (probe, events) = try await EmulatedAdapters.run(["1-1.1,\(course.chip),serial=0001"]) {
            try await $0.finish("SerialProbe", ["usb:1-1.1", "115200"] + steps)
        }
        #expect(
            probe.output == [
                "open", "echo=1000: intact", "baud=460800: done", "lines=1,1: done", "lines=0,1: done",
                "lines=1,0: done", "lines=-,1: done", "lines=0,-: done", "baud=921600: done", "echo=300000: intact",
                "discard: done", "read=50: 0 bytes", "closed",
            ])
        #expect(probe.end == "exit code 0")
        let said =
            [#""detached": "\#(course.driver)""#, #""claimed": true"#] + course.opening + [
                #""baud": \#(course.speeds[0])"#, #""lines": [1, 1]"#, #""lines": [0, 1]"#, #""lines": [1, 0]"#,
                #""lines": [1, 1]"#, #""lines": [0, 1]"#, #""baud": \#(course.speeds[1])"#,
            ] + course.closing + [#""released": true"#, #""attached": "\#(course.driver)""#, #""mostInFlight": 8"#]
        #expect(events == said.map { #"{"at": "1-1.1", "# + $0 + "}" })
    }

    @Test("an adapter is found by its place, its numbers and its serial number", arguments: courses)
    private func selectors(_ course: Course) async throws {
        let others = ["1-1.1,ch340,serial=a", "1-1.2,cp210x,serial=b", "1-1.3,ftdi,serial=c"]
        let number = others.firstIndex { $0.contains(course.chip) } ?? 0
        let (ends, events) = try await EmulatedAdapters.run(others) { adapters in
            var ends: [String] = []
            for selector in ["1-1.\(number + 1)", course.identifier, "serial=\(["a", "b", "c"][number])"] {
                ends.append(try await adapters.finish("SerialProbe", ["usb:\(selector)", "115200", "echo=100"]).end)
            }
            return ends
        }
        #expect(ends == ["exit code 0", "exit code 0", "exit code 0"])
        #expect(events.filter { $0.contains("claimed") } == [String](repeating: event(number, "claimed"), count: 3))
    }

    private func event(_ number: Int, _ what: String) -> String {
        #"{"at": "1-1.\#(number + 1)", "\#(what)": true}"#
    }

    @Test(
        "each line of a chip with two is driven by itself, both at once, and the other one is left alone",
        arguments: [
            (
                "ft2232", "0403:6010", "ftdi_sio",
                [
                    #""reset": true"#, #""latency": 1"#, #""flow": "none""#, #""format": "8N1""#, #""baud": 115385"#,
                    #""lines": [0, 0]"#,
                ], #""baud": 888889"#, []
            ),
            (
                "cp2105", "10c4:ea70", "cp210x",
                [
                    #""enabled": true"#, #""baud": 115200"#, #""format": "8N1""#, #""flow": "none""#,
                    #""lines": [0, 0]"#,
                ], #""baud": 888889"#, [#""enabled": false"#]
            ),
        ] as [(String, String, String, [String], String, [String])])
    func lines(
        chip: String, identifier: String, driver: String, opening: [String], speed: String, closing: [String]
    ) async throws {
        let (probes, events) = try await EmulatedAdapters.run(["1-1.1,\(chip),serial=A"]) { adapters in
            let first = try adapters.start(
                "SerialProbe", ["usb:\(identifier)", "115200", "echo=1000", "read=3000", "echo=5000"])
            // Its first line: it is open.
            _ = try await first.readyLine(within: .seconds(30))
            let second = try await adapters.finish(
                "SerialProbe", ["usb:serial=A#1", "115200", "lines=0,1", "baud=888889", "echo=50000", "discard"])
            let third = try await adapters.finish("SerialProbe", ["usb:1-1.1#2", "115200"])
            return [await FinishedCommand.run(first, within: .seconds(30)), second, third]
        }
        #expect(
            probes.map(\.output) == [
                ["echo=1000: intact", "read=3000: 0 bytes", "echo=5000: intact", "closed"],
                ["open", "lines=0,1: done", "baud=888889: done", "echo=50000: intact", "discard: done", "closed"],
                ["error: usb:1-1.1#2: the adapter has no such line; it has #0, #1"],
            ])
        let said = { (line: Int, work: [String]) in
            ([#""detached": "\#(driver)""#, #""claimed": true"#] + opening + work + closing
                + [#""released": true"#, #""attached": "\#(driver)""#])
                .map { ##"{"at": "1-1.1#\##(line)", "## + $0 + "}" }
        }
        #expect(events.filter { $0.contains("1-1.1#0") } == said(0, []))
        #expect(events.filter { $0.contains("1-1.1#1") } == said(1, [#""lines": [0, 1]"#, speed]))
    }

    @Test(
        "what cannot be opened says why",
        arguments: [
            (
                "usb:1a86:7523", "115200",
                "there are several: usb:1-1.1 (CH340 1a86:7523, serial 0001), usb:1-1.2 (CH340 1a86:7523); name one by its "
                    + "place"
            ),
            (
                "usb:0403:6001", "115200",
                "no such adapter is plugged in; there are usb:1-1.1 (CH340 1a86:7523, serial 0001), "
                    + "usb:1-1.2 (CH340 1a86:7523), usb:1-1.3 (CP210x 10c4:ea60), usb:1-1.4 (CP210x 10c4:ea70)"
            ),
            ("usb:1-1.3", "3000000", "the CP210x cannot do 3000000 baud; it goes from 300 to 2000000"),
            ("usb:1-1.4#1", "1000000", "the CP210x cannot do 1000000 baud; it goes from 2400 to 921600"),
        ])
    func refusals(address: String, baud: String, why: String) async throws {
        let (probe, _) = try await EmulatedAdapters.run(
            ["1-1.1,ch340,serial=0001", "1-1.2,ch340", "1-1.3,cp210x", "1-1.4,cp2105"]
        ) { try await $0.finish("SerialProbe", [address, baud]) }
        #expect(probe.output == ["error: \(address): \(why)"])
        #expect(probe.end == "exit code 1")
    }

    @Test("an adapter that another process drives is in use, and its work goes on")
    func busy() async throws {
        let ((first, second), _) = try await EmulatedAdapters.run(["1-1.1,ch340"]) { adapters in
            let first = try adapters.start("SerialProbe", ["usb:1-1.1", "115200", "read=2000", "echo=1000"])
            // Its first line: it is open.
            _ = try await first.readyLine(within: .seconds(30))
            let second = try await adapters.finish("SerialProbe", ["usb:1-1.1", "115200"])
            return (await FinishedCommand.run(first, within: .seconds(30)), second)
        }
        #expect(second.output == ["error: usb:1-1.1: it is in use; end that program first"])
        #expect(first.output == ["read=2000: 0 bytes", "echo=1000: intact", "closed"])
    }

    @Test(
        "an adapter that is pulled out ends the work within seconds, with transfers in flight or none",
        arguments: ["ch340", "cp210x", "ftdi"], ["vanish-after=50000", "vanish-ms=300"])
    func vanishing(chip: String, fault: String) async throws {
        let (probe, events) = try await EmulatedAdapters.run(["1-1.1,\(chip),\(fault)"]) {
            let start = ContinuousClock.now
            let probe = try await $0.finish(
                "SerialProbe", ["usb:1-1.1", "115200"] + (fault == "vanish-ms=300" ? ["read=20000"] : ["echo=300000"]))
            #expect(ContinuousClock.now - start < .seconds(8))
            return probe
        }
        #expect(
            probe.output == [
                "open", "error: usb:1-1.1: the port is gone; was the board or its cable pulled out?",
            ])
        #expect(probe.end == "exit code 1")
        #expect(events.suffix(2) == [event(0, "gone"), #"{"at": "1-1.1", "mostInFlight": 8}"#])
    }

    @Test(
        "wherever in its opening and work an adapter is pulled out, the work ends with an error that says so",
        arguments: [0, 2, 4, 6, 8, 10, 12, 15, 20, 30, 45, 70])
    func vanishingAnywhere(milliseconds: Int) async throws {
        let chips = ["ch340", "cp210x", "ftdi"]
        let (probes, _) = try await EmulatedAdapters.run(
            chips.enumerated().map { "1-1.\($0.offset + 1),\($0.element),vanish-ms=\(milliseconds)" }
        ) { adapters in
            var probes: [FinishedCommand] = []
            for place in 1...3 {
                probes.append(
                    try await adapters.finish(
                        "SerialProbe", ["usb:1-1.\(place)", "115200", "echo=5000", "lines=1,1", "echo=500000"]))
            }
            return probes
        }
        for (number, probe) in probes.enumerated() {
            #expect(probe.end == "exit code 1")
            #expect(
                probe.output.last
                    == "error: usb:1-1.\(number + 1): the port is gone; was the board or its cable pulled out?")
        }
    }

    @Test(
        "an endpoint that stalls is an error, is made to go on, and the driver gets the adapter back",
        arguments: [("in", "USB read: Broken pipe"), ("out", "USB write: Broken pipe")])
    func stalling(direction: String, why: String) async throws {
        let (probe, events) = try await EmulatedAdapters.run(["1-1.1,ch340,stall-\(direction)-after=20000"]) {
            try await $0.finish("SerialProbe", ["usb:1-1.1", "115200", "echo=300000"])
        }
        #expect(probe.output == ["open", "error: usb:1-1.1: \(why)"])
        #expect(
            events.suffix(4) == [
                #"{"at": "1-1.1", "cleared": "\#(direction)"}"#, event(0, "released"),
                #"{"at": "1-1.1", "attached": "ch341"}"#, #"{"at": "1-1.1", "mostInFlight": 8}"#,
            ])
    }

    @Test("a line that takes no bytes is an error when the time for it has passed, and the port can be closed")
    func refusingBytes() async throws {
        let (probe, events) = try await EmulatedAdapters.run(["1-1.1,cp210x,full-after=20000"]) {
            try await $0.finish("SerialProbe", ["usb:1-1.1", "115200", "echo=6000", "write=60000"])
        }
        #expect(
            probe.output == [
                "open", "echo=6000: intact",
                "error: usb:1-1.1: the line takes no bytes; pull the board out and plug it in again",
            ])
        #expect(
            events.suffix(2) == [#"{"at": "1-1.1", "attached": "cp210x"}"#, #"{"at": "1-1.1", "mostInFlight": 8}"#])
    }

    @Test("where nothing is plugged in, the list is empty and an address says so")
    func none() async throws {
        let ((listed, opened), _) = try await EmulatedAdapters.run([]) {
            (
                try await $0.finish("SerialProbe", ["list"]),
                try await $0.finish("SerialProbe", ["usb:serial=0002", "115200"])
            )
        }
        #expect(listed == FinishedCommand(end: "exit code 0", output: [], errors: []))
        #expect(
            opened.output == [
                "error: usb:serial=0002: no such adapter is plugged in; there is none that can be driven"
            ])
    }

    @Test("a port that is opened twenty times leaves no descriptor behind")
    func reopening() async throws {
        let (probe, events) = try await EmulatedAdapters.run(["1-1.1,cp210x,driver=no"]) {
            try await $0.finish(
                "SerialProbe",
                ["usb:1-1.1", "115200", "reopen", "descriptors"] + [String](repeating: "reopen", count: 20)
                    + ["descriptors", "echo=5000"])
        }
        let descriptors = probe.output.filter { $0.hasPrefix("descriptors") }
        #expect(descriptors.count == 2 && descriptors.first == descriptors.last)
        #expect(probe.output.suffix(2) == ["echo=5000: intact", "closed"])
        #expect(events.filter { $0.contains("released") }.count == 22)
        // A process that was killed has left it without its driver.
        #expect(events.filter { $0.contains(#""attached": "cp210x""#) }.count == 22)
    }
}
