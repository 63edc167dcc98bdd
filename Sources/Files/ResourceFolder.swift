import Foundation

/// The folder of a target's resources, which stands beside the executable, in the build folder as well as installed.
public enum ResourceFolder {
    /// - Parameter target: Such as `Hub`.
    public static func ofTarget(_ target: String) -> URL {
        let executable = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
        return executable.resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "iot_\(target).resources")
    }
}
