import ArgumentParser
import ESPLoader

/// `iot flash write`.
struct FlashWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Write files into the flash, and verify them.",
        discussion: """
            Examples:
              iot flash write 0x0 firmware.bin
              iot flash write --baud 460800 0x0 boot.bin 0x10000 app.bin
              iot flash write --monitor --elf sketch.elf 0x0 sketch.bin

            Sectors of 4096 bytes are erased whole: what else was in them is lost. Those that hold the right bytes already are \
            left alone, unless --full asks for all. With --no-stub all are written, and the ROM's loader reads back 64 bytes \
            at a time, so verifying takes longer than writing.
            """)

    @OptionGroup var files: FileArguments
    @OptionGroup(title: "Writing")
    var headers: HeaderOptions

    @OptionGroup(title: "Writing")
    var writing: WriteOptions

    @OptionGroup(title: "With --monitor")
    var monitorOptions: MonitorOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard writing.monitor else {
            guard let idle = monitorOptions.given ?? writing.monitorBaud.map({ _ in "--monitor-baud" }) else { return }
            throw ValidationError("\(idle) is for the monitor; pass --monitor too")
        }
        guard !connection.json, !connection.all, connection.port.count <= 1 else {
            throw ValidationError("--monitor shows one board to a person: without --json, --all and a second --port")
        }
    }

    func run() async throws {
        let defaults = try connection.exiting { () throws(FlashError) in try FlashDefaults(file: connection.config) }
        let job = try connection.exiting { () throws(FlashError) in try makeJob(defaults) }
        let settings = try connection.exiting { () throws(FlashError) in try monitorSettings(defaults) }
        var runner = try BoardRunner(connection, ports: settings.map { [$0.address] })
        runner.tellsLeaving = true
        runner.leavesResetToMonitor = settings?.start == .resetIfPossible
        try await runner.run { (board, report) throws(FlashError) in try job.run(board, report) }
        guard let settings else { return }
        try await MonitorRun.run(settings) { [self, runner] cancellation throws(FlashError) in
            // What was built since is what is meant.
            let job = try makeJob(defaults)
            let result = runner.meet(settings.address, cancellation) { (board, report) throws(FlashError) in
                try job.run(board, report)
            }
            if let failure = result.failure { throw failure }
        }
    }

    private func makeJob(_ defaults: FlashDefaults) throws(FlashError) -> WriteJob {
        WriteJob(
            plan: try files.plan(), header: headers.header(defaults), isForced: writing.force,
            verifies: writing.verify, isFull: writing.full)
    }

    /// How the board is listened to afterwards; nil where it is not.
    private func monitorSettings(_ defaults: FlashDefaults) throws(FlashError) -> MonitorSettings? {
        guard writing.monitor else { return nil }
        let addresses = try connection.ports(defaults)
        guard let address = addresses.first, addresses.count == 1 else {
            throw .usage("--monitor shows one board, but there are \(addresses.count) ports; name one with --port")
        }
        return try monitorOptions.settings(
            address, baud: writing.monitorBaud ?? 115_200,
            start: (connection.after ?? defaults.after) == .noReset ? .untouched : .resetIfPossible)
    }
}

extension MonitorOptions {
    /// One that was given; nil where none was.
    fileprivate var given: String? {
        let all = [
            ("--boot-baud", bootBaud != nil), ("--timestamps", timestamps), ("--log", log != nil),
            ("--filter", !filter.isEmpty), ("--exclude", !exclude.isEmpty), ("--hex", hex), ("--raw", raw),
            ("--eol", eol != .lf), ("--echo", echo), ("--elf", elf != nil), ("--no-explain", !explain),
            ("--reconnect", reconnect != nil),
        ]
        return all.first(where: \.1)?.0
    }
}
