import Foundation
import Glibc
import TestSupport
import Testing

@testable import Flash

/// Files to a board, and of what it says.
struct MonitorFileTests {
    @Test(
        "a file goes out at the line's speed, however often it is asked for", arguments: [50, 9600, 115_200, 4_000_000])
    func pace(baud: Int) {
        let bytes = noise(baud / 10, seed: 1)
        for step in [Duration.microseconds(500), .milliseconds(10), .milliseconds(49)] {
            var file = OutgoingFile(name: "x", bytes: bytes, at: .zero)
            var now = Duration.zero
            var sent: [UInt8] = []
            while !file.isSent, now < .seconds(2) {
                sent += file.next(at: now, baud: baud)
                #expect(file.sent == sent.count)
                now += step
            }
            // As many bytes as the line carries in one second.
            #expect(sent == bytes)
            #expect(now > .milliseconds(990) && now < .milliseconds(1100), "\(baud) \(step): \(now)")
        }
    }

    @Test("what was not sent in a long pause is not made up for")
    func pause() {
        var file = OutgoingFile(name: "x", bytes: noise(100_000, seed: 1), at: .zero)
        #expect(file.next(at: .seconds(10), baud: 100_000).count == 500)
        #expect(file.next(at: .seconds(10), baud: 100_000) == [])
        #expect(file.next(at: .milliseconds(10_010), baud: 100_000).count == 100)
    }

    @Test("a log that is a pipe waits for its reader, and ends when that has stopped reading")
    func pipe() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "log").path
            #expect(mkfifo(path, 0o600) == 0)
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            let text = String(repeating: "0123456789abcde\n", count: 20_000)
            async let read = onThread {
                var buffer = [UInt8](repeating: 0, count: 0x4000)
                var bytes: [UInt8] = []
                let deadline = ContinuousClock.now + .seconds(60)
                while bytes.count < text.utf8.count, ContinuousClock.now < deadline {
                    var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
                    poll(&entry, 1, 100)
                    let count = Glibc.read(reader, &buffer, buffer.count)
                    if count > 0 { bytes += buffer[..<count] }
                }
                return bytes
            }
            try await onThread { try MonitorLog(path: path, patience: .seconds(60)).append(text) }
            #expect(String(decoding: try await read, as: UTF8.self) == text)
            await #expect(throws: FlashError.outputFile(path: path, reason: "the pipe is full, and nobody reads it")) {
                try await onThread { try MonitorLog(path: path, patience: .milliseconds(10)).append(text) }
            }
        }
    }
}
