import Foundation
import Glibc
import TerminalText

/// Who holds a board, as its lock's file says it: one object of JSON.
package struct BoardHolder: Codable, Equatable, Sendable, CustomStringConvertible {
    package var user: String
    package var host: String
    package var pid: Int32
    /// What the run is called.
    package var run: String
    package var since: Date
    /// When the run said that it would be done.
    package var until: Date

    /// This process.
    init(owner: String, since: Date, expires: Duration) {
        user = NSUserName()
        host = ProcessInfo.processInfo.hostName
        pid = getpid()
        run = owner
        self.since = since
        until = since.addingTimeInterval(expires.seconds)
    }

    /// Nil where nothing of the kind stands there: the holder may be about to write it.
    init?(readingFrom descriptor: Int32, atMost limit: Int) {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &bytes, limit, 0)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard count > 0, let read = try? decoder.decode(Self.self, from: Data(bytes.prefix(count))) else { return nil }
        self = read
    }

    /// What cannot be written, on a disk that is full, is left out: the lock does not need it.
    func write(to descriptor: Int32) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var bytes = try? encoder.encode(self) else { return }
        bytes.append(UInt8(ascii: "\n"))
        ftruncate(descriptor, 0)
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    package var description: String {
        "run \"\(run.printable)\" of \(user.printable) (process \(pid) on \(host.printable)) since \(since.formatted(.iso8601))"
    }
}
