import Glibc
import TestSupport
import Testing

@testable import SerialPort

@Suite struct TCPConnectionTests {
    /// The options of this process's sockets that are connected to a port of this machine.
    private func options(ofConnectionTo port: Int) -> [[Int32]] {
        (Int32(0)..<1024).compactMap { descriptor -> [Int32]? in
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isConnected = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) == 0 }
            }
            guard isConnected, address.sin_family == AF_INET, Int(UInt16(bigEndian: address.sin_port)) == port else {
                return nil
            }
            return [
                (SOL_SOCKET, SO_KEEPALIVE), (Int32(IPPROTO_TCP), TCP_KEEPIDLE), (Int32(IPPROTO_TCP), TCP_KEEPINTVL),
                (Int32(IPPROTO_TCP), TCP_KEEPCNT), (Int32(IPPROTO_TCP), TCP_USER_TIMEOUT),
            ].map { level, option in
                var value: Int32 = -1
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, level, option, &value, &size)
                return value
            }
        }
    }

    @Test("a peer that is gone without a word is noticed within half a minute")
    func keepalive() async throws {
        try await withTemporaryDirectory { directory in
            try await RunningBoard.run(.tcp, in: directory) { board in
                let number = try #require(board.port.split(separator: ":").last.flatMap { Int($0) })
                let found = try await onThread {
                    let connection = try TCPConnection(
                        name: "board", host: "127.0.0.1", port: number, until: .now + .seconds(20))
                    defer { connection.close() }
                    return options(ofConnectionTo: number)
                }
                #expect(found == [[1, 10, 5, 3, 25_000]])
            }
        }
    }
}
