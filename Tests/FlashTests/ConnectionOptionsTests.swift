import ArgumentParser
import Foundation
import SerialPort
import TestSupport
import Testing

@testable import Flash

/// Which ports are meant, on a machine with so many USB serial ports.
@Suite struct ConnectionOptionsTests {
    private func ports(
        _ arguments: [String], on count: Int, driverless: Int = 0, defaults: FlashDefaults = FlashDefaults()
    ) throws -> Result<[String], FlashError> {
        try withTemporaryDirectory { root in
            let machine = try FakeMachine(root)
            for number in 0..<count {
                try machine.plug(
                    "1-\(number)", "1a86:7523", number: number, [.init(tty: "ttyUSB\(number)", driver: "ch341")])
            }
            for number in count..<count + driverless {
                try machine.plug("1-\(number)", "0403:6001", number: number, [.init()])
            }
            let options = try ConnectionOptions.parse(arguments)
            let catalogue = PortCatalogue(system: machine.system, devices: machine.devices)
            let short = { (name: String) in name.replacing(machine.devices, with: "/dev") }
            do throws(FlashError) {
                return .success(try options.ports(defaults, catalogue).map { short($0.name) })
            } catch {
                guard case .severalPorts(let names) = error else { return .failure(error) }
                return .failure(.severalPorts(names.map(short)))
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

    @Test("an adapter that has no port of the kernel's is taken by its place, and beside others counts as one")
    func driverless() throws {
        #expect(try ports([], on: 0, driverless: 1) == .success(["usb:1-0"]))
        #expect(try ports(["--json"], on: 1, driverless: 1) == .failure(.severalPorts(["/dev/ttyUSB0", "usb:1-1"])))
        #expect(try ports(["--all"], on: 1, driverless: 2) == .success(["/dev/ttyUSB0", "usb:1-1", "usb:1-2"]))
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
            (["--baud", "0"], "--baud takes a number from 9600 to 4000000"),
            (["--connect-attempts", "0"], "--connect-attempts takes a number from 1 to 1000"),
        ] {
            let error = #expect(throws: (any Error).self) { try ConnectionOptions.parse(arguments) }
            #expect(error.map { ConnectionOptions.message(for: $0) }?.contains(words) == true)
        }
    }
}
