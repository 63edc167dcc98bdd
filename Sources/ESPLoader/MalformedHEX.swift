/// Why a file is no Intel HEX file; lines count from 1.
public enum MalformedHEX: Error, Sendable, Equatable, CustomStringConvertible {
    case noColon(line: Int)
    case badRecord(line: Int)
    case badChecksum(line: Int)
    case afterEnd(line: Int)
    case noEnd
    case nothing
    case outsideFlash(address: Int)

    public var description: String {
        switch self {
        case .noColon(let line): "line \(line): a record begins with a colon"
        case .badRecord(let line): "line \(line): the record is cut off or wrong"
        case .badChecksum(let line): "line \(line): the record's checksum is wrong"
        case .afterEnd(let line): "line \(line): a record after the end record"
        case .nothing: "there is no data in it"
        case .noEnd: "the end record is missing: the file is cut off"
        case .outsideFlash(let address): "the address 0x\(String(address, radix: 16)) lies outside of a 16 MB flash"
        }
    }
}
