import ArgumentParser
import Foundation
import SerialPort
import TestSupport
import Testing

@testable import Flash

/// Which ports are meant, on a machine with so many USB serial ports.
@Suite struct ConnectionOptionsTests {
    private func ports(
        _ arguments: [String], on count: Int, defaults: FlashDefaults = FlashDefaults()
    ) throws -> Result<[String], FlashError> {
        try withTemporaryDirectory { root in
            let manager = FileManager.default
            let classes = root.appending(path: "sys/class/tty")
            try manager.createDirectory(at: classes, withIntermediateDirectories: true)
            for number in 0..<count {
                let device = root.appending(path: "sys/devices/usb1/1-\(number)")
                let tty = device.appending(path: "port/tty")
                try manager.createDirectory(at: tty, withIntermediateDirectories: true)
                try "1a86".write(to: device.appending(path: "idVendor"), atomically: true, encoding: .utf8)
                try "7523".write(to: device.appending(path: "idProduct"), atomically: true, encoding: .utf8)
                try manager.createSymbolicLink(
                    at: tty.appending(path: "device"), withDestinationURL: device.appending(path: "port"))
                try manager.createSymbolicLink(
                    at: classes.appending(path: "ttyUSB\(number)"), withDestinationURL: tty)
            }
            let options = try ConnectionOptions.parse(arguments)
            let catalogue = PortCatalogue(system: root.appending(path: "sys").path, devices: "/dev")
            do throws(FlashError) {
                return .success(try options.ports(defaults, catalogue).map(\.name))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test("without a name the only port is taken; none and several are errors")
    func found() throws {
        #expect(try ports([], on: 1) == .success(["/dev/ttyUSB0"]))
        #expect(try ports([], on: 0) == .failure(.noPort))
        #expect(try ports(["--json"], on: 2) == .failure(.severalPorts(["/dev/ttyUSB0", "/dev/ttyUSB1"])))
        #expect(
            "\(FlashError.severalPorts(["/dev/ttyUSB0", "/dev/ttyUSB1"]))"
                == "there are several ports: /dev/ttyUSB0, /dev/ttyUSB1; name one with --port, or take --all")
    }

    @Test("names go before what is found, and --all takes every one")
    func named() throws {
        #expect(
            try ports(["--port", "/dev/ttyS0", "-p", "rfc2217://lab:1"], on: 1)
                == .success(["/dev/ttyS0", "rfc2217://lab:1"]))
        #expect(try ports(["--all"], on: 2) == .success(["/dev/ttyUSB0", "/dev/ttyUSB1"]))
        var defaults = FlashDefaults()
        defaults.ports = ["/dev/usual"]
        #expect(try ports([], on: 2, defaults: defaults) == .success(["/dev/usual"]))
        #expect(try ports(["--all"], on: 1, defaults: defaults) == .success(["/dev/ttyUSB0"]))
    }

    @Test("numbers out of range are refused with their range")
    func ranges() {
        for (arguments, words) in [
            (["--baud", "0"], "--baud takes a number from 300 to 4000000"),
            (["--connect-attempts", "0"], "--connect-attempts takes a number from 1 to 1000"),
        ] {
            let error = #expect(throws: (any Error).self) { try ConnectionOptions.parse(arguments) }
            #expect(error.map { ConnectionOptions.message(for: $0) }?.contains(words) == true)
        }
    }
}
