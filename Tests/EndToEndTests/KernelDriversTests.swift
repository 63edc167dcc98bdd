import Foundation
import TestSupport
import Testing

/// The built command in a guest that runs Debian's kernel: serial ports of its own drivers, and boards behind them.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: BootedKernel.isExpected, "\(BootedKernel.missing)"))
struct KernelDriversTests {
    @Test("boards behind an FTDI and a CH340 chip are listed, found, written and lost through the kernel's drivers")
    func kernelDrivers() async throws {
        try #require(BootedKernel.missing == "")
        try await withTemporaryDirectory { directory in
            let folders = try ["guest", "ftdi", "ch340"].map { name in
                let folder = directory.appending(path: name)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
                return folder
            }
            try await RunningBoard.run(.tcp, in: folders[1]) { ftdi in
                try await RunningBoard.run(.rfc2217, in: folders[2]) { ch340 in
                    var lines = try await PythonPeer.run(
                        "kernel/drivers.py",
                        [
                            try BuiltCommand.executable().path, BootedKernel.folder.path, ftdi.port, ch340.port,
                            folders[0].path,
                        ], within: .seconds(540))
                    let states = try lines.filter(Self.isState).map(Self.number)
                    lines.removeAll(where: Self.isState)
                    #expect(lines == Self.findings)
                    for (board, offset, numbers) in [
                        (ftdi, 0x1000, 1...1000), (ch340, 0x2000, 2000...2400), (ch340, 0x3000, 3000...3400),
                    ] {
                        let bytes = Self.numbers(numbers)
                        #expect(try board.flash(offset, bytes.count) == bytes)
                    }
                    #expect(states.count == 2)
                    for (offset, end) in zip([0x10000, 0x80000], states) {
                        let bytes = Array(Self.numbers(1...60_000).prefix(end - offset))
                        #expect(bytes.count >= 0x1000)
                        #expect(try ch340.flash(offset, bytes.count) == bytes)
                    }
                }
            }
        }
    }

    private static let findings = [
        ("ports", both), ("what is in the way of them", "0"),
        ("ftdi: the board", board), ("ftdi: how long it gathers bytes (ms), before it was opened and after", "[0, 1]"),
        ("ftdi: the board at 460800 baud", board), ("ftdi: written and verified", "true"),
        ("ftdi: a speed that the driver cannot do", tooFast),
        // 9600 is what the driver begins with and falls back to; the others are what the chip's divisors come to.
        ("ftdi: the speeds that the device was set to", "[9600, 115384, 461538, 923076]"),
        ("ch340: the board", board),
        // The driver finds the chip, the kernel opens the port; then the tight reset into the loader, and the hard reset.
        ("ch340: DTR and RTS", "[[[0, 0], [1, 1], \(intoLoader), \(restart)], []]"),
        ("ch340: written and verified", "true"),
        ("ch340: the speeds that the chip was set to", "[115385, 461538]"),
        ("ch340: the board, left in its loader", board), ("ch340: the board, not restarted", board),
        ("ch340: DTR and RTS when a port is only opened and closed", "[[[0, 0], [1, 1]], []]"),
        ("ch340: DTR and RTS while it is monitored", "[[[1, 1], [0, 0]], []]"),
        ("libusb, ftdi: the board", board), ("libusb, ch340: the board", board),
        ("libusb, ch340: DTR and RTS", "[[\(intoLoader), \(restart)], []]"),
        ("libusb, ch340: DTR and RTS while it is monitored", "[[[0, 0]], []]"),
        ("libusb, ch340: ports after it", both),
        ("libusb, ch340: ports while it is written to", "[\(ftdi), \(driverless("\"usbfs\""))]"),
        ("libusb, ch340: written and verified", "true"), ("libusb, ch340: the board by its tty again", board),
        ("ch340 without its driver: ports", "[\(ftdi), \(driverless("null"))]"),
        (
            "ch340 without its driver: the boards",
            #"[["/dev/ttyUSB0", "18:fe:34:12:34:56"], ["usb:-", "18:fe:34:12:34:56"]]"#
        ),
        ("ch340 without its driver: ports after it", both),
        ("ch340: pulled out in mid-write", pulledOut("/dev/ttyUSB1")), ("ch340: ports without it", "[\(ftdi)]"),
        ("ports when it is plugged in again", both),
        ("libusb, ch340: pulled out in mid-write", pulledOut("usb:1a86:7523")),
        ("libusb, ch340: ports without it", "[\(ftdi)]"),
    ].map { #"{"what": "\#($0)", "is": \#($1)}"# }

    private static let board = #"["ESP8266EX", "18:fe:34:12:34:56", "ef 40 16"]"#
    private static let ftdi = #"["/dev/ttyUSB0", "0403:6001", "ftdi_sio"]"#
    private static let both = #"[\#(ftdi), ["/dev/ttyUSB1", "1a86:7523", "ch341-uart"]]"#
    private static let tooFast =
        #"[2, "Error: /dev/ttyUSB0: it cannot do 4000000 baud: asked for it, its driver took 9600; choose another baud"]"#
    private static let intoLoader = "[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]"
    private static let restart = "[0, 1], [0, 0]"

    /// The CH340 as it is listed where the kernel has made no port of it.
    private static func driverless(_ driver: String) -> String { #"["usb:-", "1a86:7523", \#(driver)]"# }

    private static func pulledOut(_ port: String) -> String {
        #"[5, "\#(port): the flash is written up to 0x-, and erased or unknown from there to 0x-: write again before the "#
            + #"board is used. What happened: the port is gone; was the board or its cable pulled out?"]"#
    }

    /// What `seq` prints.
    private static func numbers(_ range: ClosedRange<Int>) -> [UInt8] {
        range.flatMap { Array("\($0)\n".utf8) }
    }

    private static func isState(_ line: String) -> Bool { line.contains("said to be written up to") }

    private struct State: Decodable {
        var `is`: Int
    }

    private static func number(_ line: String) throws -> Int {
        try JSONDecoder().decode(State.self, from: Data(line.utf8)).is
    }
}

/// What the guest is made of.
private enum BootedKernel {
    static let folder = repositoryRoot.appending(path: ".build-peers/kernel")

    /// Whether the test runs: where all is there, and in CI always, so that what is missing fails there.
    static var isExpected: Bool { missing.isEmpty || ProcessInfo.processInfo.environment["CI"] == "true" }

    /// What is missing and what brings it; empty where nothing is.
    static var missing: String {
        var missing = ["qemu-system-x86_64", "busybox", "cc", "strip"].filter { !isOnPath($0) }
        if !FileManager.default.fileExists(atPath: folder.appending(path: "ready").path) { missing.append("a kernel") }
        if PythonPeer.interpreter == nil { missing.append("the peers") }
        return missing.isEmpty ? "" : "not here: \(missing.joined(separator: ", ")); run make peers kernel"
    }

    private static func isOnPath(_ command: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(command)")
        }
    }
}
