import Foundation
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(5))) struct NotifySocketTests {
    @Test("a datagram reaches a socket with a path, and one with an abstract name")
    func bothKinds() async throws {
        try await withTemporaryDirectory { directory in
            for name in [directory.appending(path: "notify").path, "@iot-tests-\(UUID().uuidString)"] {
                let receiver = try NotifyReceiver(name)
                try NotifySocket(name).send("READY=1")
                #expect(try await receiver.next() == "READY=1")
            }
        }
    }

    @Test("the longest names of either kind reach their socket, a longer one is refused")
    func longestNames() async throws {
        let abstract = "@" + (UUID().uuidString + String(repeating: "x", count: 100)).prefix(107)
        let receiver = try NotifyReceiver(abstract)
        try NotifySocket(abstract).send("WATCHDOG=1")
        #expect(try await receiver.next() == "WATCHDOG=1")
        #expect(throws: NotifySocketError.tooLong(abstract + "x", limit: 108)) { try NotifySocket(abstract + "x") }
        let path = "/" + String(repeating: "x", count: 107)
        #expect(throws: NotifySocketError.tooLong(path, limit: 107)) { try NotifySocket(path) }
        #expect(throws: Never.self) { try NotifySocket(String(path.dropLast())) }
    }

    @Test(
        "what is no path and no abstract name is refused", arguments: ["", "/", "@", "notify", "vsock:2:9999", "/a\0b"])
    func unknownForms(name: String) {
        #expect(throws: NotifySocketError.unknownForm(name)) { try NotifySocket(name) }
    }

    @Test("errors say what failed, where, and what is needed")
    func errors() throws {
        #expect(throws: NotifySocketError.failed("/nowhere/notify", operation: "sendto", errno: ENOENT)) {
            try NotifySocket("/nowhere/notify").send("READY=1")
        }
        #expect(
            [
                NotifySocketError.failed("/nowhere/notify", operation: "sendto", errno: ENOENT),
                .unknownForm("vsock:2:1"), .tooLong("/aaa", limit: 3),
            ].map(\.description) == [
                "sendto for NOTIFY_SOCKET /nowhere/notify: No such file or directory",
                "NOTIFY_SOCKET is \"vsock:2:1\": an absolute path is needed, or an abstract name after @",
                "NOTIFY_SOCKET has 4 bytes, more than 3",
            ])
    }
}
