import Foundation
import TestSupport
import Testing

/// A part whose parent ends.
@Suite(.timeLimit(.minutes(5))) struct ParentLifetimeTests {
    @Test("a daemon whose stdin is closed stops in good order, time after time")
    func closedInput() async throws {
        let executable = try BuiltCommand.executable()
        for round in 0..<8 {
            let process = Process()
            process.executableURL = executable
            process.arguments = [
                "sim", "read", "--address", "127.36.1.\(round + 1)", "--stop-with-parent",
            ]
            let input = Pipe()
            let output = Pipe()
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Its first line says that it listens.
            _ = try await onThread { output.fileHandleForReading.availableData }
            try input.fileHandleForWriting.close()
            try await eventually("the end of round \(round)", within: .seconds(60)) { !process.isRunning }
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 0)
        }
    }
}
