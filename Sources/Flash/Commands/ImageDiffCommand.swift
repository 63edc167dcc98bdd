import ArgumentParser
import ESPLoader

/// `iot image diff`.
struct ImageDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say which sectors of 4096 bytes differ between two files.",
        discussion: """
            Examples:
              iot image diff old.bin new.bin
              iot image diff --offset 0x10000 backup.bin app.bin

            Ends with exit code 0 where the files are equal, and with 4 where they differ. Bytes that only one of them has \
            count as different.
            """)

    @Argument(help: "A file: raw, Intel HEX or UF2.", completion: .file())
    var one: String

    @Argument(help: "The other file.", completion: .file())
    var other: String

    @Option(help: "Where in the flash raw files begin (default: 0x0).", transform: ImageDiffCommand.offset)
    var offset: FlashOffset?

    @Flag(help: "One line of JSON; addresses are numbers.")
    var json = false

    static func offset(_ text: String) throws -> FlashOffset {
        guard let offset = Hex.number(text).flatMap({ FlashOffset(bytes: $0) }) else {
            throw ValidationError("\(text) is no place in a flash: a number below 16 MB, such as 0x10000")
        }
        return offset
    }

    func run() throws {
        let diff = try BoardRunner.exiting { () throws(FlashError) in
            try SectorDiff(FlatFile(one, offset: offset), FlatFile(other, offset: offset))
        }
        if json {
            try ImageCommand.say(json: diff)
        } else {
            try BoardRunner.exiting { () throws(FlashError) in try ImageCommand.say(diff.text) }
        }
        if !diff.sectors.isEmpty { throw ExitStatus.differs.code }
    }
}

extension SectorDiff {
    /// For people.
    fileprivate var text: [String] {
        guard !sectors.isEmpty else { return ["equal: all of \(Self.sectors(total))"] }
        let lines = runs.flatMap { run in
            run.count < Self.shortestFolded ? run.map { Self.line([$0]) } : [Self.line(run)]
        }
        let verb = sectors.count == 1 ? "differs" : "differ"
        return lines + [
            "\(sectors.count) of \(Self.sectors(total)) \(verb), in \(different) \(different == 1 ? "byte" : "bytes")"
        ]
    }

    /// Sectors that follow one another, as many as this or more, are one line.
    private static let shortestFolded = 4

    private var runs: [ArraySlice<Sector>] {
        var runs: [ArraySlice<Sector>] = []
        for index in sectors.indices {
            let isNext = index > 0 && sectors[index].address == sectors[index - 1].address + FlashGeometry.sectorBytes
            if isNext, let last = runs.popLast() {
                runs.append(sectors[last.startIndex...index])
            } else {
                runs.append(sectors[index...index])
            }
        }
        return runs
    }

    /// - Parameter run: Not empty.
    private static func line(_ run: ArraySlice<Sector>) -> String {
        let place = Hex.text(UInt32(run[run.startIndex].address), 6)
        let until =
            run.count == 1 ? "" : " to \(Hex.text(UInt32(run[run.endIndex - 1].address), 6)), \(run.count) sectors"
        let (different, compared) = (run.reduce(0) { $0 + $1.different }, run.reduce(0) { $0 + $1.compared })
        return "\(place)\(until)  \(different) of \(compared) bytes differ, the first at "
            + Hex.text(UInt32(run[run.startIndex].first))
    }

    private static func sectors(_ count: Int) -> String { count == 1 ? "1 sector" : "\(count) sectors" }
}
