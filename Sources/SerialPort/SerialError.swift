import Glibc
import TerminalText

/// Why a serial port cannot be used: what, where, and what to do.
public struct SerialError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        case noSuchPort
        /// No USB adapter is what the address says; those that there are.
        case noSuchAdapter([String])
        /// The adapter has no such line; the numbers of those that it has.
        case noSuchLine([Int])
        /// Several devices are what the address says; each with what tells it from the others.
        case several([String])
        /// The user may not open the USB device.
        case usbNotPermitted(vendor: UInt16)
        /// The user may not open it; the group that may, where it is known.
        case notPermitted(group: String?)
        /// Other processes have it; empty where it cannot be seen which.
        case busy([PortHolder])
        /// It was there and is gone: pulled out, or the connection has ended.
        case lost
        /// The line takes no more bytes.
        case stalled
        case badAddress(String)
        /// The driver took another speed than it was asked for (bits a second).
        case otherBaud(asked: Int, taken: Int)
        /// A host that cannot be reached.
        case unreachable(String)
        /// The other end does not do what the port needs.
        case unsupported(String)
        case other(operation: String, errno: Int32)
    }

    public var port: String
    public var reason: Reason

    public init(_ port: String, _ reason: Reason) {
        self.port = port
        self.reason = reason
    }

    /// Holds what devices and programs say of themselves, and is shown on terminals.
    public var description: String { text.printable }

    private var text: String {
        switch reason {
        case .noSuchPort:
            "\(port): there is no such port; iot ports lists those that there are"
        case .noSuchAdapter(let found):
            "\(port): no such adapter is plugged in; "
                + (found.isEmpty ? "there is none that can be driven" : "there are \(found.joined(separator: ", "))")
        case .noSuchLine(let numbers):
            "\(port): the adapter has no such line; it has \(numbers.map { "#\($0)" }.joined(separator: ", "))"
        case .several(let found):
            "\(port): there are several: \(found.joined(separator: ", ")); name one by its place"
        case .usbNotPermitted(let vendor):
            "\(port): this user may not open the USB device; allow it in /etc/udev/rules.d with SUBSYSTEM==\"usb\", "
                + "ATTR{idVendor}==\"\(PortDescription.USBDevice.hex(vendor))\", GROUP=\"dialout\", and plug it in again"
        case .notPermitted(let group):
            "\(port): this user may not open it; "
                + (group.map { "join its group with: sudo usermod -aG \($0) $USER, and log in again" }
                    ?? Self.terminalRule)
        case .busy(let holders):
            "\(port): it is in use"
                + (holders.isEmpty ? "" : " by \(holders.map(\.description).joined(separator: ", "))")
                + "; end that program first"
        case .lost:
            "\(port): the port is gone; was the board or its cable pulled out?"
        case .stalled:
            "\(port): the line takes no bytes; pull the board out and plug it in again"
        case .badAddress(let why):
            "\(port): \(why)"
        case .otherBaud(let asked, let taken):
            "\(port): it cannot do \(asked) baud: asked for it, its driver took \(taken); choose another baud"
        case .unreachable(let why):
            "\(port): \(why); is the serial server running there?"
        case .unsupported(let what):
            "\(port): \(what)"
        case .other(let operation, let errno):
            "\(port): \(operation): \(String(cString: strerror(errno)))"
        }
    }

    /// What allows a device to users where no group of theirs may have it.
    public static let terminalRule =
        "no group may: allow it in /etc/udev/rules.d with SUBSYSTEM==\"tty\", SUBSYSTEMS==\"usb\", GROUP=\"dialout\", "
        + "MODE=\"0660\", join that group, and plug it in again"

    /// What a container needs that sees a device and was not given it.
    ///
    /// - Parameter path: The device's file.
    public static func notPassedOn(_ path: String) -> String {
        "this container or virtual machine was not given it; pass it on (docker run --device=\(path))"
    }
}
