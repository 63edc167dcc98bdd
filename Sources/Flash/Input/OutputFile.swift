import Foundation

/// A file that a command makes; it is there whole or not at all.
enum OutputFile {
    /// - Parameter path: `-` is stdout.
    static func write(_ bytes: [UInt8], to path: String) throws(FlashError) {
        do {
            if path == "-" {
                try FileHandle.standardOutput.write(contentsOf: Data(bytes))
            } else {
                try Data(bytes).write(to: URL(filePath: path), options: .atomic)
            }
        } catch {
            throw .outputFile(path: path, reason: error.localizedDescription)
        }
    }
}
