import Daemon
import Foundation

/// The `iot` command as it was built beside these tests.
public enum BuiltCommand {
    /// Thrown when the command was not built.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The executable; the environment variable `IOT_COMMAND` names another one.
    ///
    /// - Parameter name: Another one of this package.
    public static func executable(_ name: String = "iot") throws -> URL {
        if name == "iot", let named = ProcessInfo.processInfo.environment["IOT_COMMAND"] {
            return URL(filePath: named)
        }
        // Test bundle and command stand in the same products directory: .../debug/iotPackageTests.xctest and .../debug/iot.
        let testProgram = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let candidates =
            sequence(first: testProgram.deletingLastPathComponent()) { directory in
                directory.path == "/" ? nil : directory.deletingLastPathComponent()
            }
            .prefix(4).map { $0.appending(path: name) }
            + [repositoryRoot.appending(path: ".build/debug/\(name)")]
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw Missing(description: "the command is not built; run swift build first")
        }
        return found
    }

    /// Starts the command. It stops with the process that runs the tests, however that ends.
    public static func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            name: "iot " + arguments.prefix(2).joined(separator: " "), executable: try executable(),
            arguments: arguments, readsErrors: true)
    }
}
