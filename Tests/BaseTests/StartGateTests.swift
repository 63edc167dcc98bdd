import Synchronization
import Testing

@testable import Base

@Suite struct StartGateTests {
    @Test("it opens once, with the part that begins last")
    func opens() {
        let opened = Mutex(0)
        let gate = StartGate { opened.withLock { $0 += 1 } }
        for _ in 0..<2 { gate.begun(.units) }
        #expect(opened.withLock(\.self) == 0)
        for _ in 0..<2 { gate.begun(.operations) }
        gate.begun(.units)
        #expect(opened.withLock(\.self) == 1)
    }
}
