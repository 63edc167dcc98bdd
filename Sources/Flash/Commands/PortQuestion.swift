import Foundation
import SerialPort
import TerminalText

/// Asks a person which of several boards is meant.
enum PortQuestion {
    /// - Returns: The path that was chosen; nil where nobody can be asked, or who was asked chose none.
    static func ask(_ ports: [PortDescription]) -> String? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        try? FileHandle.standardError.write(contentsOf: Data(text(ports).utf8))
        return readLine().flatMap { chosen($0, of: ports) }
    }

    /// The question. What devices and processes say of themselves never reaches the terminal as it is.
    static func text(_ ports: [PortDescription]) -> String {
        let lines = ports.enumerated().map { index, port in
            let name = port.usb?.productName ?? port.driver ?? ""
            let holder = port.holders.first.map { "  in use by \($0)" } ?? ""
            return "\(index + 1)  \(port.path)  \(name)\(holder)".printable + "\n"
        }
        return lines.joined() + "Which board? [1-\(ports.count)] "
    }

    /// - Parameter answer: A number from 1 on; nil comes of everything else.
    static func chosen(_ answer: String, of ports: [PortDescription]) -> String? {
        guard let number = Int(answer), ports.indices.contains(number - 1) else { return nil }
        return ports[number - 1].path
    }
}
