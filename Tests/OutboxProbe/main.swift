// Uses an outbox as its arguments say, for tests and measurements that need a process of its own.
//
// usage: OutboxProbe append FOLDER always|interval|never  appends and acknowledges until it is killed
//        OutboxProbe hold FOLDER                          opens it, says so, and waits for the end of stdin
//        OutboxProbe open FOLDER [USER]                   opens and closes it, as another user when one is given
//        OutboxProbe full FOLDER                          appends while files may not grow, then while they may
//        OutboxProbe measure FOLDER                       says how fast it is
//
// An error stands on stderr, with the exit code 1.

import Base
import Foundation
import UnitProtocol

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
    FileHandle.standardError.write(Data("usage: OutboxProbe append|hold|open|full|measure FOLDER ...\n".utf8))
    exit(64)
}

do {
    switch arguments[0] {
    case "append": try await appendForEver(arguments[1], sync: arguments.count > 2 ? arguments[2] : "always")
    case "hold":
        let outbox = try Outbox(folder: arguments[1]) { _ in }
        say("open")
        while readLine() != nil {}
        await outbox.close()
    case "open":
        if arguments.count > 2, let user = UInt32(arguments[2]), setuid(user) != 0 { exit(70) }
        await (try Outbox(folder: arguments[1]) { _ in }).close()
        say("opened")
    case "full": try await fill(arguments[1])
    default: try await measure(arguments[1])
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
