// Does with a serial port what its arguments say, one after the other; for tests that need a process of its own.
//
// usage: SerialProbe list
//        SerialProbe ADDRESS BAUD [STEP ...]
// STEP: baud=N  lines=DTR,RTS (0, 1 or -)  pause=MS  echo=BYTES  read=MS  write=BYTES  discard  reopen
//       descriptors  pattern=BYTES (reads so many, which count up to 250 again and again)
//
// Prints one line a step; an error ends it with the exit code 1.

import Foundation
import SerialPort
import TestSupport

func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

func number(_ text: Substring) -> Int { Int(text) ?? 0 }

func level(_ text: Substring) -> Bool? { text == "-" ? nil : text == "1" }

/// Sends noise, and reads while it does so, until all is back.
func echo(_ count: Int, _ port: any SerialPort) throws -> String {
    let sent = noise(count, seed: 7)
    var received: [UInt8] = []
    let start = ContinuousClock.now
    for place in stride(from: 0, to: count, by: 10_000) {
        try port.write(Array(sent[place..<min(place + 10_000, count)]), within: .seconds(10))
        received += try port.read(within: .zero)
    }
    while received.count < count {
        let piece = try port.read(within: .seconds(5))
        guard !piece.isEmpty else { break }
        received += piece
    }
    FileHandle.standardError.write(Data("\(ContinuousClock.now - start)\n".utf8))
    return received == sent ? "intact" : "\(received.count) bytes, and not those"
}

/// Reads what counts up to 250, again and again.
func pattern(_ count: Int, _ port: any SerialPort) throws -> String {
    var received: [UInt8] = []
    while received.count < count {
        let piece = try port.read(within: .seconds(5))
        guard !piece.isEmpty else { break }
        received += piece
    }
    let isIntact = received.indices.allSatisfy { received[$0] == UInt8($0 % 251) }
    return received.count == count && isIntact ? "intact" : "\(received.count) bytes, and not those"
}

func perform(_ step: String, _ port: any SerialPort) throws -> String {
    let parts = step.split(separator: "=", maxSplits: 1)
    let value = parts.count > 1 ? parts[1] : ""
    switch parts[0] {
    case "baud": try port.set(baud: number(value))
    case "lines":
        let levels = value.split(separator: ",").map(level)
        try port.set(dtr: levels[0], rts: levels[1])
    case "pause": usleep(UInt32(number(value)) * 1000)
    case "echo": return try echo(number(value), port)
    case "pattern": return try pattern(number(value), port)
    case "read": return "\(try port.read(within: .milliseconds(number(value))).count) bytes"
    case "write": try port.write(noise(number(value), seed: 7), within: .seconds(1))
    case "descriptors": return "\(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count)"
    case "discard": try port.discardInput()
    default: return "unknown"
    }
    return "done"
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    if arguments == ["list"] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for device in try USBSerialDevices.list() { say(String(decoding: try encoder.encode(device), as: UTF8.self)) }
    } else {
        var port = try SerialAddress(arguments[0]).open(baud: number(arguments[1][...]))
        say("open")
        for step in arguments.dropFirst(2) {
            if step == "reopen" {
                port.close()
                port = try SerialAddress(arguments[0]).open(baud: number(arguments[1][...]))
                say("reopen: done")
            } else {
                say("\(step): \(try perform(step, port))")
            }
        }
        port.close()
        say("closed")
    }
} catch {
    say("error: \(error)")
    exit(1)
}
