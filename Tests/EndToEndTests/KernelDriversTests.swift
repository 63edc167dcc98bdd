import Foundation
import TestSupport
import Testing

/// The built command in a guest that runs Debian's kernel: serial ports of its own drivers, and boards behind them.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: BootedKernel.isExpected, "\(BootedKernel.missing)"))
struct KernelDriversTests {
    private static let board = #"["ESP8266EX", "18:fe:34:12:34:56", "ef 40 16"]"#

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
                    let state = try #require(lines.firstIndex { $0.contains("said to be written up to") })
                    let writtenUpTo = try Self.number(lines.remove(at: state))
                    #expect(lines == Self.findings)
                    let numbers = Self.numbers(1...1500)
                    #expect(try ftdi.flash(0x1000, numbers.count) == numbers)
                    let others = Self.numbers(2000...4000)
                    #expect(try ch340.flash(0x2000, others.count) == others)
                    let interrupted = Self.numbers(1...60_000).prefix(writtenUpTo - 0x10000)
                    #expect(!interrupted.isEmpty)
                    #expect(try ch340.flash(0x10000, interrupted.count) == Array(interrupted))
                }
            }
        }
    }

    private static let findings = [
        #"{"what": "ports", "is": [["/dev/ttyUSB0", "0403:6001", "ftdi_sio"], ["/dev/ttyUSB1", "1a86:7523", "ch341-uart"]]}"#,
        #"{"what": "what is in the way of them", "is": 0}"#,
        #"{"what": "ftdi: the board", "is": \#(board)}"#,
        #"{"what": "ftdi: the board at 460800 baud", "is": \#(board)}"#,
        #"{"what": "ftdi: written and verified", "is": true}"#,
        // 9600 is what the driver begins with; the others are what the chip's divisors come to.
        #"{"what": "ftdi: the speeds that the device was set to", "is": [9600, 115384, 461538]}"#,
        #"{"what": "ch340: the board", "is": \#(board)}"#,
        // As the kernel finds and opens the port; the tight reset into the loader; the hard reset at the end.
        #"{"what": "ch340: DTR and RTS", "is": [[0, 0], [1, 1], [0, 0], [1, 1], [0, 1], [1, 0], [0, 0], [0, 1], [0, 0]]}"#,
        #"{"what": "ch340: written and verified", "is": true}"#,
        #"{"what": "ch340: the speeds that the chip was set to", "is": [115385, 461538]}"#,
        #"{"what": "ch340: the board, left in its loader", "is": \#(board)}"#,
        #"{"what": "ch340: the board, not restarted", "is": \#(board)}"#,
        #"{"what": "ch340: DTR and RTS when a port is only opened and closed", "is": [[0, 0], [1, 1]]}"#,
        #"{"what": "ch340: pulled out in mid-write", "is": [5, "/dev/ttyUSB1: the flash is written up to 0x-, and erased "#
            + "or unknown from there to 0x-: write again before the board is used. What happened: the port is gone; was the "
            + #"board or its cable pulled out?"]}"#,
        #"{"what": "ports without it", "is": [["/dev/ttyUSB0", "0403:6001", "ftdi_sio"]]}"#,
    ]

    /// What `seq` prints.
    private static func numbers(_ range: ClosedRange<Int>) -> [UInt8] {
        range.flatMap { Array("\($0)\n".utf8) }
    }

    private struct NumberFinding: Decodable {
        var `is`: [Int]
    }

    private static func number(_ line: String) throws -> Int {
        try #require(JSONDecoder().decode(NumberFinding.self, from: Data(line.utf8)).is.first)
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
