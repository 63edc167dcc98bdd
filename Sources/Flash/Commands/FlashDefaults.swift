import ESPLoader
import Files
import Foundation
import Settings

/// What a configuration file says where the command line says nothing: the table `[flash]` of `iot.toml`.
struct FlashDefaults: Sendable, Equatable {
    var ports: [String] = []
    var baud: Int?
    var before: ConnectionOptions.Before?
    var after: Board.After?
    var connectAttempts: Int?
    var mode: HeaderChoice<FlashMode>?
    var frequency: HeaderChoice<FlashFrequency>?
    var size: WritePlan.SizeChoice?

    /// The file that is read when it is there: in the working directory.
    static let usualFile = "iot.toml"
    private static let mostBytes = 1 << 20

    init() {}

    /// - Parameter path: What the user names; nil for the usual file, which need not be there.
    /// - Throws: ``FlashError/inputFile(path:reason:)``, ``FlashError/usage(_:)`` with all that is wrong in the file.
    init(file path: String?) throws(FlashError) {
        guard path != nil || FileManager.default.fileExists(atPath: Self.usualFile) else { return }
        let path = path ?? Self.usualFile
        let data: Data
        do {
            data = try RegularFile.bytes(of: path, atMost: Self.mostBytes)
        } catch {
            throw .inputFile(path: path, reason: "\(error)")
        }
        do {
            self = try SettingsError.naming(path) { try FlashDefaults(toml: String(decoding: data, as: UTF8.self)) }
        } catch {
            throw .usage("\(error)")
        }
    }

    /// Other tables of the file are other commands' matter.
    init(toml text: String) throws {
        let document = SettingsReader(document: try SettingsNode(toml: text))
        guard let flash = document.map("flash") else { return }
        switch flash.node("port") {
        case .list?:
            ports =
                flash.list("port", maximumCount: 100)?.compactMap { element in
                    guard case .string(let text) = element.node else {
                        flash.report("port", "must be a port, or a list of ports")
                        return nil
                    }
                    return text
                } ?? []
        case nil: break
        default: ports = flash.string("port").map { [$0] } ?? []
        }
        if flash.node("port") != nil, ports.isEmpty || ports.contains("") {
            flash.report("port", "must name a port")
        }
        baud = flash.integer("baud", in: ConnectionOptions.bauds)
        before = flash.choice("before", of: ConnectionOptions.Before.self)
        after = flash.choice("after", of: Board.After.self)
        connectAttempts = flash.integer("connect-attempts", in: ConnectionOptions.attemptsRange)
        mode = flash.parsed("flash-mode") { try HeaderOptions.mode($0) }
        frequency = flash.parsed("flash-freq") { try HeaderOptions.frequency($0) }
        size = flash.parsed("flash-size") { try HeaderOptions.size($0) }
        flash.finish()
        try document.throwIfProblems()
    }
}
