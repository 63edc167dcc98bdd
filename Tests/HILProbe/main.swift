// For tests that need a process of its own.
//
// usage: HILProbe FOLDER BOARD OWNER SECONDS    holds a board until its stdin ends
//        HILProbe interruption                  lives on after what looks out for signals was let go
//
// Prints `taken`, or why it is not, with the exit code 1; or `looks out`, and `stop` for each signal.

import Foundation
import HIL

let arguments = CommandLine.arguments.dropFirst().map { $0 }
if arguments == ["interruption"] {
    do { _ = Interruption { FileHandle.standardOutput.write(Data("stop\n".utf8)) } }
    FileHandle.standardOutput.write(Data("looks out\n".utf8))
    while readLine() != nil {}
    exit(0)
}
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
