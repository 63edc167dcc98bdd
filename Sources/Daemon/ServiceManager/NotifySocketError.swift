import Foundation

/// Why a service manager cannot be told anything.
enum NotifySocketError: Error, Equatable, CustomStringConvertible {
    case unknownForm(String)
    case tooLong(String, limit: Int)
    case failed(String, operation: String, errno: Int32)

    var description: String {
        switch self {
        case .unknownForm(let name):
            "NOTIFY_SOCKET is \"\(name)\": an absolute path is needed, or an abstract name after @"
        case .tooLong(let name, let limit):
            "NOTIFY_SOCKET has \(name.utf8.count) bytes, more than \(limit)"
        case .failed(let name, let operation, let errno):
            "\(operation) for NOTIFY_SOCKET \(name): \(String(cString: strerror(errno)))"
        }
    }
}
