import Testing

@testable import Daemon

@Suite struct ManagerNoticeTests {
    @Test("each notice is the datagram that sd_notify(3) wants")
    func datagrams() {
        #expect(
            [
                ManagerNotice.ready(status: "4 units to read"), .reloading(microseconds: 12_345_678_901), .watchdog,
                .stopping,
            ].map(\.text) == [
                "READY=1\nSTATUS=4 units to read", "RELOADING=1\nMONOTONIC_USEC=12345678901", "WATCHDOG=1",
                "STOPPING=1\nSTATUS=stopping",
            ])
    }

    @Test("a status cannot forge another assignment, and has a limit")
    func hostileStatus() {
        #expect(ManagerNotice.ready(status: "a\nMAINPID=1\r\nb").text == "READY=1\nSTATUS=a MAINPID=1 b")
        #expect(
            ManagerNotice.ready(status: String(repeating: "x", count: 10_000)).text
                == "READY=1\nSTATUS=" + String(repeating: "x", count: 200))
    }
}
