import Foundation
import TestSupport
import Testing

/// What commands say of their options.
@Suite(.timeLimit(.minutes(2))) struct HelpTests {
    /// The options that a help text lists, in its order, each by its long name.
    private func options(_ command: [String]) async throws -> [String] {
        let help = try await FinishedCommand.run(command + ["--help"])
        #expect(help.end == "exit code 0", "\(help.errors)")
        return help.output.compactMap { line in
            line.firstMatch(of: /^  (?:-., )?--([a-z-]+)/).map { String($0.1) }
        }
    }

    @Test("from-elf has each option once, and says what stands in the header where nothing is named")
    func fromELF() async throws {
        #expect(
            try await options(["image", "from-elf"]) == [
                "layout", "eboot", "output", "flash-mode", "flash-freq", "flash-size", "json", "version", "help",
            ])
        let text = try await FinishedCommand.run(["image", "from-elf", "--help"]).output.joined(separator: " ")
            .replacing(/\ +/, with: " ")
        for value in ["dout (default: qio).", "80m (default: 40m).", "4MB (default: 1MB).", "core (default: 1)."] {
            #expect(text.contains(value), "\(value)")
        }
    }

    @Test("--version is another word for --layout, which cannot be given twice")
    func layout() async throws {
        try await withTemporaryDirectory { directory in
            let program = WrittenELF(
                entry: 0x4010_0000, sections: [.init(name: ".text", address: 0x4010_0000, data: [1, 2, 3, 4])])
            let (elf, output) = (directory.appending(path: "app.elf").path, directory.appending(path: "app").path)
            try Data(program.bytes).write(to: URL(filePath: elf))
            func made(_ words: String...) async throws -> FinishedCommand {
                try await FinishedCommand.run(["image", "from-elf", elf, "-o", output] + words)
            }
            let first = try await made("--layout", "1")
            #expect(first.end == "exit code 0", "\(first.errors)")
            #expect(try await made("--version", "1") == first)
            #expect(try await made() == first)
            let twice = try await made("--layout", "1", "--version", "2")
            #expect(twice.end == "exit code 64")
            #expect(twice.errors.first == "Error: --layout and --version are one option; give it once")
        }
    }

    @Test(
        "how a board is reached is said last",
        arguments: [
            ["write"], ["verify"], ["read"], ["erase"], ["erase-region"], ["id"], ["load-ram"], ["run"],
            ["reg", "write"],
            ["status", "read"],
        ])
    func connectionLast(command: [String]) async throws {
        let names = try await options(["flash"] + command)
        let connection = [
            "port", "all", "baud", "before", "after", "connect-attempts", "chip-check", "no-stub", "config", "trace",
            "json",
            "version", "help",
        ]
        #expect(Array(names.suffix(connection.count)) == connection)
        #expect(Set(names).count == names.count)
    }
}
