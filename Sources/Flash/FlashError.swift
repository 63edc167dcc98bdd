import ESPLoader
import SerialPort

/// Why a board cannot be flashed or asked: what failed, where, and what to do.
enum FlashError: Error, Sendable, Equatable, CustomStringConvertible {
    case port(SerialError)
    case noPort
    case severalPorts([String])
    case noAnswer(port: String, attempts: Int, ConnectSequence.Heard, Diagnosis)
    case otherChip(port: String, found: UInt32)
    case noFlash(port: String, id: String)
    case unknownSize(port: String, id: String)
    case refused(port: String, what: String, LoaderRefusal)
    case unanswered(port: String, what: String)
    case inputFile(path: String, reason: String)
    case outputFile(path: String, reason: String)
    case doesNotFit(what: String, end: Int, flash: Int)
    case wrongImage(what: String, reason: String)
    /// The header is to name more flash than there is.
    case largerThanFlash(what: String, header: String, flash: Int)
    /// Two files, or one twice, have bytes for the same place.
    case samePlace(String, String)
    /// Two files, or one twice, go into one sector.
    case overlap(String, String)
    /// The flash is between old and new; `state` and `why` are texts.
    case partlyWritten(port: String, state: String, why: String)
    /// What was to change the flash has ended before it did.
    indirect case unchanged(FlashError)
    /// Everything is written; what came of it was not read back to the end.
    case notVerified(port: String, why: String)
    /// The work is done, but the board could not be restarted; `state` says how the flash is, where it was changed.
    case notStarted(port: String, state: String, why: String)
    case differs(port: String, offset: Int, bytes: Int)
    /// The flash works on something, and does not end.
    case busyFlash(port: String)
    /// What was written to one place is in another one, too; `bytes` is the size that the flash's id says.
    case smallerFlash(port: String, bytes: Int)
    /// The flash protects what was to be erased.
    case protected(port: String, status: UInt8)
    /// The flash's status registers are not what was written to them.
    case statusNotKept(port: String, wanted: UInt16, found: UInt16)
    case interrupted(port: String, state: String)
    case usage(String)

    var description: String {
        switch self {
        case .port(let error): "\(error)"
        case .noPort:
            "no USB serial port was found, and no other is taken unasked; plug the board in, or name its port with --port "
                + "(iot ports lists all)"
        case .severalPorts(let ports):
            "there are several ports: \(ports.joined(separator: ", ")); name one with --port, or take --all"
        case .noAnswer(let port, let attempts, let heard, let diagnosis):
            "\(port): \(Self.text(attempts, heard)); \(diagnosis.advice(heard))"
        case .otherChip(let port, let found):
            "\(port): the loader answers, but this is no ESP8266 (\(Hex.text(0x4000_1000)) holds \(Hex.text(found, 8))); "
                + "pass --no-chip-check if you know better"
        case .noFlash(let port, let id):
            "\(port): no flash answers (id \(id)); on boards with a bad solder joint or a short this happens"
        case .unknownSize(let port, let id):
            "\(port): the flash (id \(id)) does not tell its size in a way that is known here; name it with --flash-size"
        case .refused(let port, let what, let refusal):
            "\(port): the chip refused to \(what): \(refusal)"
        case .unanswered(let port, let what):
            "\(port): no answer when it was asked to \(what); try a lower --baud, a shorter cable, or the board's other port"
        case .inputFile(let path, let reason): "\(path): \(reason)"
        case .outputFile(let path, let reason): "\(path): cannot be written: \(reason)"
        case .doesNotFit(let what, let end, let flash):
            "\(what) ends at \(Hex.text(UInt32(end))), but the flash ends at \(Hex.text(UInt32(flash))) "
                + "(\(FlashSize.text(ofBytes: flash)))"
        case .wrongImage(let what, let reason):
            "\(what) is no image for an ESP8266: \(reason); --force writes it all the same"
        case .largerThanFlash(let what, let header, let flash):
            "\(what): its header is to say \(header), but the flash has \(FlashSize.text(ofBytes: flash)); name no larger "
                + "flash-size, or pass --force"
        case .samePlace(let one, let other) where one == other:
            "\(one) goes to one place twice, wholly or in part"
        case .samePlace(let one, let other):
            "\(one) and \(other) go to one place, wholly or in part"
        case .overlap(let one, let other) where one == other:
            "\(one) goes into one sector of 4096 bytes twice; the second would erase the first (iot image merge makes one file)"
        case .overlap(let one, let other):
            "\(one) and \(other) share a sector of 4096 bytes; one would erase the other (iot image merge makes one file)"
        case .partlyWritten(let port, let state, let why):
            "\(port): \(state). What happened: \(why)"
        case .unchanged(let error): "\(error) (the flash is as it was)"
        case .notVerified(let port, let why):
            "\(port): all is written, but it was not read back to the end: run iot flash verify. What happened: \(why)"
        case .notStarted(let port, let state, let why):
            "\(port): " + (state.isEmpty ? "" : "\(state); ")
                + "the board was not restarted: press RST on it. What happened: \(why)"
        case .differs(let port, let offset, let bytes):
            "\(port): the flash differs from \(Hex.text(UInt32(offset))) on (\(bytes == 1 ? "1 byte was" : "\(bytes) bytes were") compared); "
                + "write again, with a lower --baud if it happens twice"
        case .busyFlash(let port):
            "\(port): the flash is at work on an erase and does not end; take the board's power away and try again"
        case .smallerFlash(let port, let bytes):
            "\(port): the flash is smaller than the \(FlashSize.text(ofBytes: bytes)) that its id says, and what was written has come "
                + "to two places; take another board"
        case .protected(let port, let status):
            "\(port): the flash protects itself from being erased (its status is \(Hex.text(UInt32(status), 2))); iot flash "
                + "status write 0x0000 ends that"
        case .statusNotKept(let port, let wanted, let found):
            "\(port): the flash's status is \(Hex.text(UInt32(found), 4)), not \(Hex.text(UInt32(wanted), 4)): its pin WP or a "
                + "lock protects it, or it has no such bits"
        case .interrupted(let port, let state):
            "\(port): stopped" + (state.isEmpty ? "" : ": \(state)")
        case .usage(let text): text
        }
    }

    /// The text for a sentence that names the port itself.
    func reason(without port: String) -> String {
        let text = "\(self)"
        return text.hasPrefix("\(port): ") ? String(text.dropFirst(port.count + 2)) : text
    }

    private static func text(_ attempts: Int, _ heard: ConnectSequence.Heard) -> String {
        let times = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        switch heard {
        case .nothing: return "no answer from the ROM loader after \(times), and nothing at all was heard"
        case .noise(let bytes):
            return "no answer from the ROM loader after \(times), but \(bytes) bytes of something else"
        }
    }
}
