// Holds a board until its stdin ends; for tests that need a process of its own.
//
// usage: HILProbe FOLDER BOARD OWNER SECONDS
//
// Prints `taken`, or why it is not, with the exit code 1.

import Foundation
import HIL

let arguments = CommandLine.arguments.dropFirst().map { $0 }
guard arguments.count == 4, let seconds = Int(arguments[3]) else { exit(64) }
do {
    let lock = try BoardLock.take(
        board: arguments[1], folder: URL(filePath: arguments[0]), owner: arguments[2], expires: .seconds(seconds))
    FileHandle.standardOutput.write(Data("taken\n".utf8))
    while readLine() != nil {}
    lock.release()
} catch {
    FileHandle.standardOutput.write(Data("\(error)\n".utf8))
    exit(1)
}
