import ESPLoader

/// What the ROM prints when it starts, at 74880 baud.
///
/// Source: boot logs of boards. `room` is what is left of the ROM's 16-byte read, `tail` what a segment leaves of the last
/// one, `chksum` the checksum so far.
enum BootLog {
    /// The ROM's baud rate with the crystal of 26 MHz (it believes in 40 MHz): 115200 x 26 / 40.
    static let baud = 115_200 * 26 / 40
    private static let chunk = 16
    private static let segmentHeader = 8

    enum ResetCause: Int {
        case powerOn = 1
        case external = 2
        case software = 3
        case watchdog = 4
    }

    static func start(_ cause: ResetCause, isDownload: Bool) -> String {
        "\r\n ets Jan  8 2013,rst cause:\(cause.rawValue), boot mode:(\(isDownload ? 1 : 3),6)\r\n\r\n"
            + (cause == .watchdog ? "wdt reset\r\n" : "")
    }

    /// The lines of an image's segments that are loaded.
    static func loading(_ segments: [ImageSegment]) -> String {
        var text = ""
        var room = chunk
        var checksum: UInt8 = 0xEF
        for (index, segment) in segments.enumerated() {
            let count = segment.data.count
            let tail = ((count - room) % chunk + chunk) % chunk
            checksum = segment.data.reduce(checksum, ^)
            text += "load 0x\(hex(segment.address, 8)), len \(count), room \(room) \r\n"
            text += "tail \(tail)\r\nchksum 0x\(hex(UInt32(checksum), 2))\r\n"
            room = chunk - tail - segmentHeader
            if room < 0 {
                // The next header begins in this read and ends in the next one.
                if index < segments.count - 1 { text += "ho 0 tail \(tail) room \(chunk - tail)\r\n" }
                room += chunk
            }
        }
        return text + "csum 0x\(hex(UInt32(checksum), 2))\r\n"
    }

    private static func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
