import Glibc
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct StageTests {
    /// One that no run of this process begins with.
    private static let seed: UInt32 = 4_000_000_007

    @Test("Where a stage cannot be made nothing of it listens any more")
    func addresses() async throws {
        let pool = AddressPool(seed: Self.seed)
        // Each has one, and its cable another.
        let names = (1...40).map { "unit\($0)" }
        let first = try names.dropLast().flatMap { _ in [try pool.take(), try pool.take()] }
        // No address is left for the last unit.
        let taken = try (0..<100).map { _ in try Cable.listen(pool.take(), UnitPort.firmware).handle }
        defer { for handle in taken { close(handle) } }
        let rig = try RigFile(yaml: "name: r\nboards: {b: {kind: read, driver: simulated}}\n", path: "r")
        let bench = Bench.alone(addresses: AddressPool(seed: Self.seed))
        await #expect(
            throws: HILError.infrastructure("no loopback address has port 8888 free; is 127.0.0.0/8 on lo?")
        ) {
            _ = try await Stage(
                names.map { GivenUnit(name: $0, kind: .read, abilities: []) },
                boards: Dictionary(
                    uniqueKeysWithValues: names.map { ($0, RigBoard(name: $0, kind: .read, driver: .simulated)) }),
                rig: rig, bench: bench)
        }
        // A program that another test starts has all sockets of this process for a moment, until it is itself.
        try await eventually("all are free again") {
            let again = AddressPool(seed: Self.seed)
            return (try? first.map { _ in try again.take() }) == first
        }
    }

    @Test("No program inherits the sockets of units, cables and clients, and none of them waits")
    func inheritance() {
        let handle = SocketAddress.socket()
        defer { close(handle) }
        #expect(fcntl(handle, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(handle, F_GETFL) & O_NONBLOCK != 0)
    }
}
