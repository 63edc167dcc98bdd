import Foundation
import SerialPort

/// Asks a person which of several boards is meant.
enum PortQuestion {
    /// - Returns: The path that was chosen; nil where nobody can be asked, or who was asked chose none.
    static func ask(_ ports: [PortDescription]) -> String? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        for (index, port) in ports.enumerated() {
            let name = (port.usb?.productName ?? port.driver ?? "").printable
            print("\(index + 1)  \(port.path)  \(name)\(port.holders.first.map { "  in use by \($0)" } ?? "")\n")
        }
        print("Which board? [1-\(ports.count)] ")
        guard let line = readLine(), let number = Int(line), ports.indices.contains(number - 1) else { return nil }
        return ports[number - 1].path
    }

    private static func print(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
