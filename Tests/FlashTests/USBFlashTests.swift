import Foundation
import TestSupport
import Testing

/// `iot flash` over libusb: the models of the chips stand between it and a virtual board, whose pins they drive.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: EmulatedAdapters.isExpected, EmulatedAdapters.reason))
struct USBFlashTests {
    /// The board obeys DTR and RTS, as a real one does.
    private func run<Value: Sendable>(
        _ adapter: String, _ body: (EmulatedAdapters, RunningBoard, URL) async throws -> Value
    ) async throws -> (value: Value, events: [String]) {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.rfc2217, in: directory) { board in
                let place = board.port.replacingOccurrences(of: "rfc2217://", with: "")
                return try await EmulatedAdapters.run(["1-1.1,\(adapter),uart=\(place)"]) {
                    try await body($0, board, directory)
                }
            }
        }
    }

    @Test(
        "a board behind each of the chips is reset into its loader, says who it is, and is started again",
        arguments: [("ch340", "usb:1a86:7523"), ("cp210x", "usb:10c4:ea60"), ("ftdi", "usb:0403:6001")])
    func identity(chip: String, port: String) async throws {
        let (command, events) = try await run(chip) { adapters, _, _ in
            try await adapters.finish("iot", ["flash", "id", "--port", port])
        }
        #expect(
            command.output == [
                "chip     ESP8266EX", "crystal  26 MHz", "mac      18:fe:34:12:34:56",
                "flash    4 MB, Winbond, id ef 40 16",
            ])
        #expect(command.end == "exit code 0")
        let lines = events.filter { $0.contains("lines") }.map { String($0.suffix(7).prefix(6)) }
        // Into the loader, EN low until GPIO0 is; on a busy machine the model may answer only after another attempt.
        let reset = ["[1, 1]", "[0, 1]", "[1, 0]", "[0, 0]", "[0, 0]"]
        let attempts = lines.count { $0 == reset[0] }
        #expect((1...3).contains(attempts))
        // Opening, the attempts, the hard reset at the end.
        let attempted = Array(repeating: reset, count: attempts).flatMap(\.self)
        #expect(lines == ["[0, 0]", "[0, 0]"] + attempted + ["[0, 1]", "[0, 0]"])
    }

    @Test("an adapter that the kernel has made no port of is listed by its place, and found without a name")
    func found() async throws {
        let ((listed, command), _) = try await run("cp210x,driver=no,serial=0001") { adapters, _, _ in
            (
                try await adapters.finish("iot", ["ports"]),
                try await adapters.finish("iot", ["flash", "id", "--json"])
            )
        }
        #expect(
            listed.output == [
                "PORT       USB        SERIAL  PRODUCT                DRIVER  NOTE",
                "usb:1-1.1  10c4:ea60  0001    Maker Model of CP210x  -",
            ])
        #expect(command.end == "exit code 0")
        #expect(command.output.contains { $0.contains(#""port":"usb:1-1.1""#) }, "\(command)")
    }

    @Test(
        "what is written and verified at 921600 baud stands in the flash, and is read back",
        arguments: ["ch340", "cp210x", "ftdi"])
    func writing(chip: String) async throws {
        let image = noise(4_200, seed: 3)
        let (commands, _) = try await run(chip) { adapters, board, directory in
            let file = directory.appending(path: "image.bin")
            let back = directory.appending(path: "back.bin")
            try Data(image).write(to: file)
            let port = ["--port", "usb:1-1.1", "--baud", "921600"]
            let written = try await adapters.finish("iot", ["flash", "write"] + port + ["0x1000", file.path])
            let read = try await adapters.finish("iot", ["flash", "read"] + port + ["0x1000", "300", back.path])
            #expect(try board.flash(0x1000, image.count) == image)
            #expect(try Array(Data(contentsOf: back)) == Array(image[..<300]))
            return [written, read]
        }
        for command in commands { #expect(command.end == "exit code 0", "\(command)") }
    }

    @Test(
        "three boards behind three adapters are asked at once, whether they are named or found",
        arguments: [["--port", "usb:1-1.1", "--port", "usb:1-1.2", "--port", "usb:1-1.3"], ["--all"]])
    func together(ports: [String]) async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.rfc2217, in: directory, arguments: ["--timing", "fast", "--count", "3"]) {
                board in
                let places = board.ports.map { $0.replacingOccurrences(of: "rfc2217://", with: "") }
                let adapters = zip(["ch340", "cp210x", "ftdi"], places).enumerated().map {
                    "1-1.\($0.offset + 1),\($0.element.0),uart=\($0.element.1)"
                }
                let (command, _) = try await EmulatedAdapters.run(adapters) {
                    try await $0.finish("iot", ["flash", "id"] + ports)
                }
                #expect(command.end == "exit code 0")
                let text = (command.output + command.errors).joined(separator: "\n")
                for number in 0...2 { #expect(text.contains("18:fe:34:12:34:5\(6 + number)"), "\(text)") }
            }
        }
    }

    @Test("an adapter that is pulled out in mid-write ends it with what the flash is like then")
    func pulledOut() async throws {
        let (command, _) = try await run("ch340,vanish-after=30000") { adapters, _, directory in
            let file = directory.appending(path: "image.bin")
            try Data(noise(60_000, seed: 3)).write(to: file)
            return try await adapters.finish(
                "iot", ["flash", "write", "--no-stub", "--port", "usb:1-1.1", "0x1000", file.path])
        }
        #expect(command.end == "exit code 5")
        #expect(
            command.errors.joined().contains("up to 0x7000, and erased or unknown from there to 0x10000"),
            "\(command.errors)")
    }
}
