import Foundation
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct RawClientTests {
    /// A client, and the other end of its connection, whose writes wait while the client takes nothing.
    private func pair() async throws -> (client: RawClient, far: FileHandle) {
        let (listener, port) = try Cable.listen(Stage.loopback, 0)
        defer { close(listener) }
        let client = try await RawClient.connect(to: (Stage.loopback, port))
        let handle = try await eventually("the connection") { () -> Int32? in
            let handle = accept(listener, nil, nil)
            return handle >= 0 ? handle : nil
        }
        return (client, FileHandle(fileDescriptor: handle, closeOnDealloc: true))
    }

    @Test("All bytes count, also those behind 200 that no step has taken")
    func count() async throws {
        let (client, far) = try await pair()
        try far.write(contentsOf: Data(repeating: 0x61, count: 300))
        try await eventually("300 bytes") { client.received() == 300 }
        try far.write(contentsOf: Data("b".utf8))
        try await eventually("one more") { client.received() == 301 }
        #expect(client.newest(1) == "b")
    }

    @Test("More than is kept is an error to who wants lines, and the end is seen all the same")
    func overflow() async throws {
        let (client, far) = try await pair()
        let line = Data(repeating: 0x61, count: 1023) + Data("\n".utf8)
        let count = 1500
        async let writing: Void = onThread {
            for _ in 0..<count { try far.write(contentsOf: line) }
            try far.close()
        }
        try await eventually("the end") { client.end() == "ended" }
        try await writing
        #expect(client.received() == count * 1024)
        #expect(try client.lines(1024)?.count == 1024)
        #expect(
            throws: HILError.infrastructure(
                "more than 1048576 bytes have come that no step has taken; \((count - 1024) * 1024) of them were lost")
        ) {
            try client.lines(1)
        }
    }

    @Test("What a step has taken makes room")
    func room() async throws {
        let (client, far) = try await pair()
        let line = Data(repeating: 0x61, count: 1023) + Data("\n".utf8)
        for _ in 0..<3 {
            async let writing: Void = onThread { for _ in 0..<1000 { try far.write(contentsOf: line) } }
            let lines = try await eventually("1000 lines") { try client.lines(1000) }
            #expect(lines.map(\.utf8.count) == [Int](repeating: 1023, count: 1000))
            try await writing
        }
    }
}
