import Daemon
import Foundation
import TestSupport
import Testing

/// The programs that the interpreter is compared with: Debian's binutils and gcc for the chip, and its QEMU.
enum CrossTools {
    static let compiler = ["xtensa-lx106-elf-gcc", "xtensa-lx106-elf-objdump", "xtensa-lx106-elf-objcopy"]
    static let emulator = compiler + ["qemu-system-xtensa"]

    /// Whether tests with them run: where they are, and in CI always, so that a missing one fails there.
    static func areExpected(_ commands: [String]) -> Bool {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let isThere = commands.allSatisfy { command in
            path.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(command)") }
        }
        return isThere || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    static let reason: Comment = "binutils, gcc or QEMU for the chip are not installed; run make deps"

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a command with its stdout in a file.
    static func run(_ command: [String], output: URL, within limit: Duration = .seconds(60)) async throws {
        let process = try ChildProcess(
            name: command[0], executable: URL(filePath: "/bin/sh"),
            arguments: ["-c", "output=$1; shift; exec \"$@\" >\"$output\"", "sh", output.path] + command,
            readsErrors: true)
        let finished = await FinishedCommand.run(process, within: limit)
        guard finished.end == "exit code 0" else {
            throw Failed(
                description: "\(command.joined(separator: " ")): \(finished.end) (limit \(limit))\n"
                    + finished.errors.suffix(20).joined(separator: "\n"))
        }
    }

    /// - Returns: The lines on stdout.
    static func lines(_ command: [String], in folder: URL) async throws -> [Substring] {
        let file = folder.appending(path: "stdout")
        try await run(command, output: file)
        return try String(decoding: Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
    }
}
