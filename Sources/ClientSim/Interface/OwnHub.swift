import Daemon
import Files
import Foundation
import NIOCore

/// A hub of an interface's own, as a child process: for one that stands alone.
struct OwnHub {
    /// What the hub says about the one device that it has.
    struct Links: Decodable {
        var device: Int
        /// What allows to stream as it.
        var ticket: String
        /// The paths of its pages.
        var interface: String
        var remote: String
        var expiresAt: String
    }

    private struct Ready: Decodable {
        var hub: String
    }

    static let startLimit = Duration.seconds(60)
    static let stopLimit = Duration.seconds(10)

    /// Its address for those who have a link.
    let url: String
    /// Its address for this process, whatever becomes of the machine's own.
    let localURL: String
    let links: Links
    let process: ChildProcess

    /// Starts a hub, and adds the device where it is not there yet.
    ///
    /// - Parameter state: Where the hub keeps its state; nil takes `$XDG_STATE_HOME/iot-interface`, by default `~/.local/state/iot-interface`.
    static func start(name: String, host: String, port: Int, state: String?) async throws -> OwnHub {
        let folder = state.map { URL(filePath: $0, directoryHint: .isDirectory) } ?? standardFolder
        do {
            try PrivateFolder.prepare(folder)
        } catch {
            throw InterfaceError.folder(folder.path, reason: "\(error)")
        }
        let executable = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let process = try ChildProcess(
            name: "hub", executable: executable,
            arguments: [
                "hub", "run", "--host", host, "--port", "\(port)", "--state", folder.path, "--json",
                "--stop-with-parent",
            ])
        do {
            let ready = try decode(Ready.self, try await process.readyLine(within: startLimit), of: "hub")
            let links = try await links(of: folder, name, executable)
            return OwnHub(
                url: ready.hub.onAnyAddress(ownAddress), localURL: ready.hub.onAnyAddress("127.0.0.1"), links: links,
                process: process)
        } catch {
            await process.stop(within: stopLimit)
            throw error
        }
    }

    private static func links(of folder: URL, _ name: String, _ executable: URL) async throws -> Links {
        let maker = try ChildProcess(
            name: "hub's links", executable: executable,
            arguments: ["hub", "links", "--state", folder.path, "--name", name, "--address", deviceAddress])
        do {
            let links = try decode(Links.self, try await maker.readyLine(within: startLimit), of: "hub's links")
            await maker.stop(within: stopLimit)
            return links
        } catch {
            await maker.stop(within: stopLimit)
            throw error
        }
    }

    /// That of the first interface that is not the loopback.
    private static var ownAddress: String {
        let addresses = ((try? System.enumerateDevices()) ?? []).compactMap(\.address?.ipAddress)
        return addresses.first { $0.contains(".") && !$0.hasPrefix("127.") } ?? "127.0.0.1"
    }

    /// What the hub lists the interface under: it has no address of its own on the network of units.
    private static let deviceAddress = "127.0.2.1"

    private static var standardFolder: URL {
        let base =
            ProcessInfo.processInfo.environment["XDG_STATE_HOME"].flatMap {
                $0.hasPrefix("/") ? URL(filePath: $0) : nil
            }
            ?? (ProcessInfo.processInfo.environment["HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            ?? URL.homeDirectory)
            .appending(path: ".local/state")
        return base.appending(path: "iot-interface", directoryHint: .isDirectory)
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ line: String, of name: String) throws -> Value {
        guard let value = try? JSONDecoder().decode(type, from: Data(line.utf8)) else {
            throw InterfaceError.unexpected(name, line: line)
        }
        return value
    }
}

extension String {
    /// A URL whose host stands for all addresses, with this one in its place; any other as it is.
    fileprivate func onAnyAddress(_ address: String) -> String {
        for all in ["//0.0.0.0:", "//[::]:"] {
            if let range = firstRange(of: all) { return replacingCharacters(in: range, with: "//\(address):") }
        }
        return self
    }
}
