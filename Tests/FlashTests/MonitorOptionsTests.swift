import ArgumentParser
import Testing

@testable import Flash

/// What `iot monitor` takes on its command line.
struct MonitorOptionsTests {
    @Test("a monitor listens at any speed, a loader's limits are not its own")
    func bauds() throws {
        for baud in [50, 300, 4800, 74_880, 4_000_000] {
            let command = try MonitorCommand.parse(["--baud", "\(baud)", "--boot-baud", "\(baud)"])
            #expect(command.baud == baud)
            #expect(command.monitor.bootBaud == baud)
        }
        for wrong in ["49", "4000001", "-1", "fast", ""] {
            #expect(throws: (any Error).self) { try MonitorCommand.parse(["--baud=\(wrong)"]) }
            #expect(throws: (any Error).self) { try MonitorCommand.parse(["--boot-baud=\(wrong)"]) }
        }
    }

    @Test("the help names every kind of port")
    func help() {
        let help = MonitorCommand.helpMessage(columns: 500)
        for kind in ["/dev/ttyUSB0", "usb:1a86:7523", "rfc2217://host:port", "socket://host:port"] {
            #expect(help.contains(kind))
        }
    }

    @Test("a pattern that is none is refused with its text")
    func pattern() {
        #expect(throws: (any Error).self) { try MonitorCommand.parse(["--filter", "("]) }
        do {
            _ = try MonitorCommand.parse(["--filter", "("])
        } catch {
            #expect(MonitorCommand.message(for: error).contains("\"(\" is no regular expression"))
        }
    }
}
