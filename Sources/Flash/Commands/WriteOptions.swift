import ArgumentParser

/// How `iot flash write` writes, and what it does afterwards.
struct WriteOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Verify what was written: while it is written, or with --no-stub by reading it back.")
    var verify = true

    @Flag(help: "Erase and write every sector, not only those that differ from the files.")
    var full = false

    @Flag(help: "Write an image that is another chip's, or broken, all the same.")
    var force = false

    @Flag(help: "Go on as iot monitor does, and begin with the board's start; one board only.")
    var monitor = false

    @Option(
        help: "The sketch's speed in bits a second (default: 115200).",
        transform: { try ConnectionOptions.baud($0, of: "--monitor-baud") })
    var monitorBaud: Int?
}
