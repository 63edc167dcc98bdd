import Foundation

/// What `--json` says first: which units listen. Written piece by piece: a fleet may be large.
struct ReadyLine {
    var layout: FleetLayout
    var shard: Shard
    /// The port of each unit of the shard.
    var ports: [Int]
    /// The address of the control endpoint, where there is one.
    var control: String?

    private static let pieceBytes = 64 * 1024

    func write(to output: FileHandle) throws {
        // Keys in the order of their names, as in all lines of JSON; names are plain.
        var piece = control.map { "{\"control\":\"\($0)\",\"units\":[" } ?? "{\"units\":["
        for (position, number) in shard.numbers(of: layout.count).enumerated() {
            let plan = layout[number]
            if position > 0 { piece += "," }
            piece += "{\"ip\":\"\(plan.address)\",\"kind\":\"\(plan.kind.rawValue)\","
            piece += "\"name\":\"\(plan.name)\",\"port\":\(ports[position])}"
            if piece.utf8.count > Self.pieceBytes {
                try output.write(contentsOf: Data(piece.utf8))
                piece = ""
            }
        }
        try output.write(contentsOf: Data((piece + "]}\n").utf8))
    }
}
