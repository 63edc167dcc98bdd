import ArgumentParser
import Daemon
import ESPLoader
import Foundation

/// `iot board`: a NodeMCU in software on a serial port.
public struct BoardCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "board",
        abstract: "Run a virtual NodeMCU on a serial port of its own.",
        discussion: """
            A board that esptool can flash at /tmp/board; its flash is kept in a file:
              iot board --link /tmp/board --flash board.bin
              esptool --port /tmp/board --no-stub flash-id

            A pseudo terminal carries no DTR and RTS. There, and only there, the board enters its loader when it hears a \
            SYNC.
            """)

    @Option(help: "The kind of board: nodemcu or d1-mini (default: nodemcu).", transform: BoardModel.named)
    var model = BoardModel.nodeMCU

    @Option(help: "A stable name for the port: a symbolic link to the pseudo terminal.")
    var link: String?

    @Option(help: "The file that holds the flash; made blank where there is none. Without it the flash is forgotten.")
    var flash: String?

    @Option(help: "real: bytes, erasing and programming take their time; fast: they take none.")
    var timing = ChipTiming.real

    @Flag(help: "Do not answer in the place of a stub that a host loads and that nothing executes.")
    var noStubStandIn = false

    @Flag(help: "Print one line of JSON when the board listens.")
    var json = false

    @OptionGroup var daemon: DaemonOptions

    public init() {}

    public func run() async throws {
        let logger = daemon.logger("board")
        let contents: any FlashContents =
            try flash.map { try FileFlashContents(path: $0, bytes: model.flash.bytes) }
            ?? MemoryFlashContents(bytes: model.flash.bytes)
        let chip = Chip(
            flash: SPIFlash(chip: model.flash, contents: contents), eFuses: EFuses(serial: (0x12, 0x34, 0x56)),
            timing: timing, answersForStub: !noStubStandIn, entersLoaderOnSync: true)
        let service = BoardService(chip: chip, link: link, logger: logger) { [json, model] path in
            if json {
                try? Daemon.printLine(["board": model.name, "port": path])
            } else {
                try? FileHandle.standardOutput.write(contentsOf: Data("\(model.title) on \(path)\n".utf8))
            }
        }
        try await Daemon.run([service], options: daemon, logger: logger)
    }
}

extension ChipTiming: ExpressibleByArgument {}

extension BoardModel {
    static func named(_ name: String) throws -> BoardModel {
        guard let model = all.first(where: { $0.name == name }) else { throw BoardError.unknownModel(name) }
        return model
    }
}
