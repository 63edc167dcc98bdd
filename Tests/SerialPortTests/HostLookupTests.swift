import Foundation
import TestSupport
import Testing

@testable import SerialPort

@Suite(.timeLimit(.minutes(5))) struct HostLookupTests {
    @Test(
        "a name server that never answers is given up within the connection's limit, and its late word changes nothing")
    func silent() async throws {
        try await onThread {
            let mayAnswer = DispatchSemaphore(value: 0)
            let hasAnswered = DispatchSemaphore(value: 0)
            let lookup = HostLookup { _, _ in
                mayAnswer.wait()
                defer { hasAnswered.signal() }
                return .success([])
            }
            #expect(
                throws: SerialError(
                    "socket://lab:23",
                    .unreachable(
                        "no name server has told the address of lab in time; give the address in numbers if it is known"
                    ))
            ) {
                _ = try TCPConnection(
                    name: "socket://lab:23", host: "lab", port: 23, until: .now + .milliseconds(50), lookup: lookup)
            }
            mayAnswer.signal()
            hasAnswered.wait()
        }
    }

    @Test("a name that there is not is unreachable, with the system's reason")
    func unknown() async throws {
        try await onThread {
            let lookup = HostLookup { _, _ in .failure(HostLookup.Failure(text: "Name or service not known")) }
            #expect(
                throws: SerialError("p", .unreachable("the name lab was not found: Name or service not known"))
            ) { try lookup.addresses(of: "lab", port: 23, name: "p", until: .now + .seconds(60)) }
        }
    }

    @Test("the system finds addresses as connect takes them")
    func addresses() async throws {
        try await onThread {
            let found = try HostLookup.system.addresses(
                of: "127.0.0.1", port: 0x1234, name: "p", until: .now + .seconds(60))
            #expect(
                found == [
                    HostLookup.Address(
                        family: AF_INET, bytes: [2, 0, 0x12, 0x34, 127, 0, 0, 1] + [UInt8](repeating: 0, count: 8))
                ])
        }
    }
}
